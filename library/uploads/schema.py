"""The upload endpoints as the API's description tells of them."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from library.api import paging
from library.api.described import answers, refusals
from library.shapes import UploadPageShape, UploadShape
from library.uploads import tus


def _header(name: str, description: str, *, required: bool = False, number: bool = False):  # type: ignore[no-untyped-def]
    kind = OpenApiTypes.INT64 if number else OpenApiTypes.STR
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, required=required, description=description
    )


def _answer_header(name: str, description: str, statuses: list[str]):  # type: ignore[no-untyped-def]
    return OpenApiParameter(
        name,
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        response=statuses,
        description=description,
    )


_VERSION = _header("Tus-Resumable", f"Always {tus.VERSION}.", required=True)
_CHECKSUM = _header("Upload-Checksum", "sha1 or sha256, a space, the digest in base64.")
_BYTES = {tus.CONTENT_TYPE: OpenApiTypes.BINARY}
_NOTHING = OpenApiResponse(description="Done; the headers say how far the upload is.")

listing = extend_schema(
    operation_id="uploads_list",
    summary="Your uploads, the newest first",
    parameters=[
        OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {paging.MOST}"),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before"),
    ],
    responses=answers(UploadPageShape, 400, 401),
)
detail = extend_schema(
    operation_id="uploads_detail", summary="One upload", responses=answers(UploadShape, 401, 404)
)
creation = extend_schema(
    operation_id="uploads_create",
    summary="Begin an upload",
    parameters=[
        _VERSION,
        _header("Upload-Length", "The film's length in bytes.", number=True),
        _header("Upload-Defer-Length", "1 where the length is not known yet."),
        _header(
            "Upload-Metadata",
            "filename, filetype, title, visibility, fingerprint, sha256, description, tags "
            "(separated by commas), collection (id or name), language (BCP 47); values in base64.",
        ),
        _CHECKSUM,
        _answer_header("Location", "The address of the upload.", ["201"]),
    ],
    request=_BYTES,
    responses={
        **refusals(400, 403, 409, 412, 413, 415, 422, 423, 429, 460, 503, 507),
        201: _NOTHING,
    },
)
append = extend_schema(
    operation_id="uploads_append",
    summary="Send the next bytes",
    parameters=[
        _VERSION,
        _header("Upload-Offset", "Where these bytes begin.", required=True, number=True),
        _header("Upload-Length", "The film's length, where it was put off.", number=True),
        _CHECKSUM,
        _answer_header("Upload-Offset", "The next byte expected.", ["204"]),
    ],
    request=_BYTES,
    responses={
        **refusals(400, 404, 409, 410, 412, 413, 415, 422, 423, 429, 460, 503, 507),
        204: _NOTHING,
    },
)
offset = extend_schema(
    operation_id="uploads_offset",
    summary="Ask how far an upload is",
    parameters=[_VERSION, _answer_header("Upload-Offset", "The next byte expected.", ["200"])],
    request=None,
    responses={200: _NOTHING},
)
termination = extend_schema(
    operation_id="uploads_cancel",
    summary="End an unfinished upload",
    parameters=[_VERSION],
    request=None,
    responses={
        **refusals(404, 409, 410, 412, 423),
        204: OpenApiResponse(description="Ended; its bytes are gone."),
    },
)
