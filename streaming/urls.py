"""Addresses that give bytes, and figures about them."""

from django.urls import path

from streaming.doors import granted, views
from streaming.metrics.views import metrics
from streaming.renditions import views as hls

app_name = "streaming"

urlpatterns = [
    path("metrics", metrics, name="metrics"),
    path("stream/<str:video_id>/", views.stream, name="stream"),
    path("stream/<str:video_id>/hls/master.m3u8", hls.master, name="hls"),
    path("stream/<str:video_id>/hls/<slug:quality>.m3u8", hls.media, name="hls-media"),
    # As storage providers spell it: without a slash at the end.
    path("piece/<str:piece_cid>", views.piece, name="piece"),
    # These are asked for without an account: what they give is in the address.
    path("media/<str:signed>", granted.media, name="media"),
    path("pull/<str:signed>/piece/<str:piece_cid>", granted.pull, name="pull"),
]
