"""
tus over HTTP: requests in, answers out.

The same endpoints serve small chunks under any server and, behind `door`, bodies of any
size: either way a body is read with the underlying request's `read`, because DRF's
`data` refuses the media type and Django's `body` the size.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle

from library import progress
from library.api import paging
from library.api.scoped import needs
from library.api.view import ApiView
from library.catalogue import tags as catalogue_tags
from library.errors import Refusal, UploadGone, WrongMediaType, WrongState
from library.models import Upload, User
from library.uploads import receiving, schema, tus
from library.uploads.sources import ARRIVING, Source

_METHODS = {"PATCH", "DELETE", "HEAD"}


class UnsupportedVersion(Refusal):
    code, title, status = "unsupported-tus-version", "Unsupported tus version", 412

    @property
    def headers(self) -> dict[str, str]:
        return {"Tus-Version": tus.VERSION}


class Untouched(BaseParser):
    """Leaves the body to the view, also when the check for CSRF looks for form fields."""

    media_type = tus.CONTENT_TYPE

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> QueryDict:
        return QueryDict()


class TusView(ApiView):
    """What all answers have in common."""

    scopes = needs("uploads:write")
    # Bytes may take their time.
    in_one_transaction = False
    parser_classes = (Untouched,)
    throttle_classes = (ScopedRateThrottle,)

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        # Some networks let only GET and POST pass; tus has a header for them.
        override = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and override in _METHODS:
            request.method = override
        return super().initialize_request(request, *args, **kwargs)

    def get_permissions(self) -> list[BasePermission]:
        return [] if self.request.method == "OPTIONS" else [IsAuthenticated()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in {"POST", *_METHODS}:
            spoken = request.headers.get("Tus-Resumable")
            if spoken != tus.VERSION:
                raise UnsupportedVersion(
                    f"Send Tus-Resumable: {tus.VERSION}; this request "
                    + (f"says {spoken[:20]!r}." if spoken else "has no such header.")
                )

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)
        response["Tus-Resumable"] = tus.VERSION
        if request.method != "GET":
            response["Cache-Control"] = "no-store"
        return response

    def options(
        self,
        request: Request,  # type: ignore[override]
        *args: Any,
        **kwargs: Any,
    ) -> Response:
        return Response(
            status=204,
            headers={
                "Tus-Version": tus.VERSION,
                "Tus-Extension": ",".join(tus.EXTENSIONS),
                "Tus-Max-Size": str(settings.UPLOAD_MAX_SIZE),
                "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
            },
        )


class UploadList(TusView):
    """Begin an upload, and see those that are under way."""

    throttle_scope = "uploads"

    @schema.listing
    def get(self, request: Request) -> Response:
        own = Upload.objects.writable_by(request.user).for_progress()
        found, cursor = paging.page(request, own)
        body = {"items": progress.describe_uploads(found), "next_cursor": cursor}
        return Response(body, headers=paging.link(request, cursor))

    @schema.creation
    def post(self, request: Request) -> Response:
        if _has_body(request):
            _check_body(request)
        given = tus.metadata(request.headers.get("Upload-Metadata"))
        upload = receiving.begin(
            _person(request),
            length=tus.length(
                request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
            ),
            title=given.get("title", ""),
            filename=given.get("filename") or given.get("name", ""),
            filetype=given.get("filetype") or given.get("type", ""),
            visibility=given.get("visibility", ""),
            fingerprint=given.get("fingerprint", ""),
            sha256=given.get("sha256", "").lower(),
            description=given.get("description", ""),
            tags=catalogue_tags.typed(given.get("tags", "")),
            collection=given.get("collection", ""),
            language=given.get("language", ""),
        )
        if _has_body(request):
            _receive(request, upload, offset=0)
        headers = {"Location": reverse("api:upload", args=[upload.pk])}
        return _answer(upload, 201, headers)


class UploadDetail(TusView):
    """One upload: how far it is, its next bytes, its end."""

    throttle_scope = "upload-bytes"

    @schema.detail
    def get(self, request: Request, upload_id: str) -> Response:
        visible = Upload.objects.visible_to(request.user).for_progress()
        return Response(progress.describe_upload(get_object_or_404(visible, pk=upload_id)))

    @schema.offset
    def head(self, request: Request, upload_id: str) -> Response:
        upload = _own(request, upload_id)
        if upload.state not in {Upload.State.RECEIVING, Upload.State.RECEIVED}:
            raise UploadGone(upload.problem or f"This upload is {upload.get_state_display()}.")
        return _answer(receiving.finish(upload), 200)

    @schema.append
    def patch(self, request: Request, upload_id: str) -> Response:
        upload = _own_to_send(request, upload_id)
        offset = tus.whole_number("Upload-Offset", request.headers.get("Upload-Offset"))
        length = request.headers.get("Upload-Length")
        _receive(
            request,
            upload,
            offset=offset,
            length=None if length is None else tus.whole_number("Upload-Length", length),
        )
        return _answer(upload, 204)

    @schema.termination
    def delete(self, request: Request, upload_id: str) -> Response:
        receiving.cancel(_own(request, upload_id))
        return Response(status=204)


def body(request: HttpRequest) -> Source:
    """A request's body: while it arrives, where the server lets us, else as Django has it."""
    return getattr(request, "scope", {}).get(ARRIVING) or request


def _check_body(request: Request) -> None:
    """Refuse what could not be received before anything is kept for it."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != tus.CONTENT_TYPE:
        raise WrongMediaType(f"The bytes of an upload are sent as {tus.CONTENT_TYPE}.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMediaType("The bytes of an upload are sent without a Content-Encoding.")
    tus.checksum(request.headers.get("Upload-Checksum"))
    if (announced := request.headers.get("Content-Length")) is not None:
        tus.whole_number("Content-Length", announced)


def _receive(request: Request, upload: Upload, *, offset: int, length: int | None = None) -> None:
    _check_body(request)
    announced = request.headers.get("Content-Length")
    receiving.receive(
        upload,
        body(request._request),
        offset=offset,
        announced=None if announced is None else tus.whole_number("Content-Length", announced),
        length=length,
        checksum=tus.checksum(request.headers.get("Upload-Checksum")),
    )


def _person(request: Request) -> User:
    assert isinstance(request.user, User)  # the permission classes saw to it
    return request.user


def _own(request: Request, upload_id: str) -> Upload:
    return get_object_or_404(Upload.objects.writable_by(request.user), pk=upload_id)


def _own_to_send(request: Request, upload_id: str) -> Upload:
    """
    One that its owner sends. An import's bytes are held against PieceCIDs by whoever fetches
    them; what somebody else put between them would not be.
    """
    mine = Upload.objects.writable_by(request.user).select_related("imported")
    upload = get_object_or_404(mine, pk=upload_id)
    if hasattr(upload, "imported"):
        raise WrongState("The library fetches the bytes of this upload itself. Send none.")
    return upload


def _has_body(request: Request) -> bool:
    length = request.headers.get("Content-Length", "").strip()
    return length not in {"", "0"} or "Transfer-Encoding" in request.headers


def _answer(upload: Upload, status: int, headers: dict[str, str] | None = None) -> Response:
    answer = {"Upload-Offset": str(upload.offset), **(headers or {})}
    if upload.length is None:
        answer["Upload-Defer-Length"] = "1"
    else:
        answer["Upload-Length"] = str(upload.length)
    if upload.state == Upload.State.RECEIVING:
        answer["Upload-Expires"] = tus.date(upload.expires_at)
    return Response(status=status, headers=answer)
