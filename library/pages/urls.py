"""Addresses of the pages that people look at."""

from django.urls import path

from library import addresses  # noqa: F401  # the id converter
from library.pages import views

app_name = "library"

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("setup/<str:token>/", views.set_up, name="setup"),
    path("upload/", views.upload, name="upload"),
    path("funds/", views.funds, name="funds"),
    path("watch/<id:video_id>/", views.watch, name="watch"),
    path("watch/<id:video_id>/edit/", views.edit, name="edit"),
    path("watch/<id:video_id>/encrypt/", views.encrypt, name="encrypt"),
    path("watch/<id:video_id>/trash/", views.trash, name="trash"),
    path("watch/<id:video_id>/restore/", views.restore, name="restore"),
    path("watch/<id:video_id>/erase/", views.erase, name="erase"),
    path("watch/<id:video_id>/certificate/", views.certificate, name="certificate"),
    path("watch/<id:video_id>/forget/", views.forget, name="forget"),
    path("poster/<id:video_id>/", views.poster, name="poster"),
    path("captions/<id:caption_id>.vtt", views.caption, name="caption"),
    path("storyboard/<id:video_id>.jpg", views.storyboard, name="storyboard"),
    path("storyboard/<id:video_id>.vtt", views.storyboard_map, name="storyboard-map"),
]
