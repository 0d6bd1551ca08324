"""Addresses that give bytes."""

from django.urls import path

from streaming.doors import views

app_name = "streaming"

urlpatterns = [
    path("stream/<str:video_id>/", views.stream, name="stream"),
    # As storage providers spell it: without a slash at the end.
    path("piece/<str:piece_cid>", views.piece, name="piece"),
]
