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
    path("import/", views.import_film, name="import"),
    path("import/<id:import_id>/watch/", views.watch_import, name="watch-import"),
    path("funds/", views.funds, name="funds"),
    path("account/", views.account, name="account"),
    path("watch/<id:video_id>/", views.watch, name="watch"),
    path("watch/<id:video_id>/edit/", views.edit, name="edit"),
    path("watch/<id:video_id>/encrypt/", views.encrypt, name="encrypt"),
    path("watch/<id:video_id>/trash/", views.trash, name="trash"),
    path("watch/<id:video_id>/restore/", views.restore, name="restore"),
    path("watch/<id:video_id>/erase/", views.erase, name="erase"),
    path("watch/<id:video_id>/certificate/", views.certificate, name="certificate"),
    path("watch/<id:video_id>/forget/", views.forget, name="forget"),
    path("watch/<id:video_id>/playlist/", views.add_to_playlist, name="add-to-playlist"),
    path("playlists/", views.playlists, name="playlists"),
    path("playlists/<id:playlist_id>/", views.playlist, name="playlist"),
    path("playlists/<id:playlist_id>/edit/", views.playlist_edit, name="playlist-edit"),
    path("playlists/<id:playlist_id>/delete/", views.playlist_delete, name="playlist-delete"),
    path("playlists/<id:playlist_id>/restore/", views.playlist_restore, name="playlist-restore"),
    path("playlists/<id:playlist_id>/items/", views.playlist_items, name="playlist-items"),
    path(
        "playlists/<id:playlist_id>/items/<id:video_id>/back/<int:position>/",
        views.playlist_put_back,
        name="playlist-put-back",
    ),
    path(
        "playlists/<id:playlist_id>/items/<id:video_id>/out/",
        views.playlist_take_out,
        name="playlist-take-out",
    ),
    path("collections/", views.collections, name="collections"),
    path("collections/<id:collection_id>/", views.collection, name="collection"),
    path("collections/<id:collection_id>/edit/", views.collection_edit, name="collection-edit"),
    path(
        "collections/<id:collection_id>/delete/", views.collection_delete, name="collection-delete"
    ),
    path("tags/", views.tags, name="tags"),
    path("bulk/", views.bulk, name="bulk"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<id:job_id>/", views.job, name="job"),
    path("jobs/<id:job_id>/cancel/", views.job_cancel, name="job-cancel"),
    path("jobs/<id:job_id>/undo/", views.job_undo, name="job-undo"),
    path("jobs/<id:job_id>/manifest.json", views.job_manifest, {"kind": "json"}, "job-json"),
    path("jobs/<id:job_id>/manifest.csv", views.job_manifest, {"kind": "csv"}, "job-csv"),
    path("poster/<id:video_id>/", views.poster, name="poster"),
    path("captions/<id:caption_id>.vtt", views.caption, name="caption"),
    path("storyboard/<id:video_id>.jpg", views.storyboard, name="storyboard"),
    path("storyboard/<id:video_id>.vtt", views.storyboard_map, name="storyboard-map"),
]
