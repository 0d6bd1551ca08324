"""Addresses of the API, version 1."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from library import addresses  # noqa: F401  # the id converter
from library.api import (
    bulk,
    catalogue,
    devices,
    funding,
    happenings,
    importing,
    jobs,
    me,
    playlists,
    problem_page,
    problems,
    syncing,
    tracks,
    uploading,
    videos,
    watching,
)
from library.uploads.views import UploadDetail, UploadList

app_name = "api"

urlpatterns = [
    path("auth/tokens/", devices.DeviceList.as_view(), name="tokens"),
    path("auth/tokens/<id:token_id>/", devices.DeviceDetail.as_view(), name="token"),
    path("me/", me.Me.as_view(), name="me"),
    path("videos/", videos.VideoList.as_view(), name="videos"),
    path("videos/bulk/", bulk.VideoBulk.as_view(), name="videos-bulk"),
    path("videos/<id:video_id>/", videos.VideoDetail.as_view(), name="video"),
    path("videos/<id:video_id>/restore/", videos.VideoRestore.as_view(), name="video-restore"),
    path("videos/<id:video_id>/encrypt/", videos.VideoEncrypt.as_view(), name="video-encrypt"),
    path("videos/<id:video_id>/erase/", videos.VideoErase.as_view(), name="video-erase"),
    path(
        "videos/<id:video_id>/certificate/",
        funding.Certificate.as_view(),
        name="video-certificate",
    ),
    path("videos/<id:video_id>/playback/", watching.Playback.as_view(), name="video-playback"),
    path("videos/<id:video_id>/progress/", watching.Progress.as_view(), name="video-progress"),
    path("videos/<id:video_id>/captions/", tracks.CaptionList.as_view(), name="video-captions"),
    path("videos/<id:video_id>/chapters/", tracks.Chapters.as_view(), name="video-chapters"),
    path("videos/<id:video_id>/poster/", tracks.Poster.as_view(), name="video-poster"),
    path("captions/<id:caption_id>/", tracks.CaptionDetail.as_view(), name="caption"),
    path("progress/", watching.ProgressList.as_view(), name="progress"),
    path("continue/", watching.ContinueList.as_view(), name="continue"),
    path("continue/<id:video_id>/", watching.ContinueDetail.as_view(), name="continue-video"),
    path("quotes/", funding.Quote.as_view(), name="quotes"),
    path("funds/", funding.Funds.as_view(), name="funds"),
    path("tags/", catalogue.TagList.as_view(), name="tags"),
    path("tags/rename/", catalogue.TagRename.as_view(), name="tags-rename"),
    path("collections/", catalogue.CollectionList.as_view(), name="collections"),
    path(
        "collections/<id:collection_id>/", catalogue.CollectionDetail.as_view(), name="collection"
    ),
    path("playlists/", playlists.PlaylistList.as_view(), name="playlists"),
    path("playlists/<id:playlist_id>/", playlists.PlaylistDetail.as_view(), name="playlist"),
    path(
        "playlists/<id:playlist_id>/items/",
        playlists.PlaylistItems.as_view(),
        name="playlist-items",
    ),
    path(
        "playlists/<id:playlist_id>/items/<id:video_id>/",
        playlists.PlaylistPlace.as_view(),
        name="playlist-item",
    ),
    path(
        "playlists/<id:playlist_id>/order/",
        playlists.PlaylistOrder.as_view(),
        name="playlist-order",
    ),
    path("jobs/", jobs.JobList.as_view(), name="jobs"),
    path("jobs/<id:job_id>/", jobs.JobDetail.as_view(), name="job"),
    path("jobs/<id:job_id>/cancel/", jobs.JobCancel.as_view(), name="job-cancel"),
    path("jobs/<id:job_id>/undo/", jobs.JobUndo.as_view(), name="job-undo"),
    path("jobs/<id:job_id>/manifest/", jobs.JobManifest.as_view(), name="job-manifest"),
    path("uploads/", UploadList.as_view(), name="uploads"),
    path("uploads/order/", uploading.UploadOrder.as_view(), name="uploads-order"),
    path("uploads/check/", uploading.UploadCheck.as_view(), name="uploads-check"),
    path("uploads/<id:upload_id>/", UploadDetail.as_view(), name="upload"),
    path("uploads/<id:upload_id>/about/", uploading.UploadAbout.as_view(), name="upload-about"),
    path("uploads/<id:upload_id>/pause/", uploading.UploadPause.as_view(), name="upload-pause"),
    path("uploads/<id:upload_id>/resume/", uploading.UploadResume.as_view(), name="upload-resume"),
    path("uploads/<id:upload_id>/log/", uploading.UploadLog.as_view(), name="upload-log"),
    path("imports/", importing.ImportList.as_view(), name="imports"),
    path("imports/<id:import_id>/", importing.ImportDetail.as_view(), name="import"),
    path("events/", happenings.EventList.as_view(), name="events"),
    path("changes/", syncing.ChangeList.as_view(), name="changes"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("problems/", problem_page.listing, name="problems"),
    re_path(r"^.*$", problems.not_found, name="nowhere"),
]
