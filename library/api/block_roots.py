"""The block roots of a film: with them anybody checks its bytes, block by block."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from filmedia.filecoin.piece import BLOCK_SIZE
from library.api.described import refusals
from library.api.scoped import needs
from library.api.view import ApiView
from library.errors import NotFound
from library.models import Video
from library.storing import roots

MEDIA_TYPE = "application/octet-stream"


class Bytes(JSONRenderer):
    """For whoever accepts bytes alone; what is rendered here are refusals."""

    media_type, format = MEDIA_TYPE, "bin"


class BlockRoots(ApiView):
    scopes = needs("stream")
    permission_classes = (IsAuthenticatedOrReadOnly,)
    renderer_classes = (JSONRenderer, Bytes)

    @extend_schema(
        operation_id="videos_block_roots",
        summary="The block roots of a film",
        description=(
            f"32 bytes for each {BLOCK_SIZE:,} of the film as it is stored, in order; they make up "
            "its PieceCID, which is the ETag. Who folds them needs to take nobody's word: a block "
            "from `/piece/{PieceCID}` is right when its own root is the one here."
        ),
        responses={
            (200, MEDIA_TYPE): OpenApiResponse(OpenApiTypes.BINARY),
            **refusals(401, 404),
        },
    )
    def get(self, request: Request, video_id: str) -> HttpResponse:
        video = Video.objects.playable_by(request.user).filter(pk=video_id).first()
        if video is None:
            raise NotFound("There is no such film, or you may not see it.")
        found = roots.kept(video)
        if found is None:
            raise NotFound(
                "The block roots of this film are not there yet. Ask again in a few minutes: "
                "they are made when all of it has been read."
            )
        headers = {"ETag": f'"{video.piece_cid}"'}
        return HttpResponse(found, content_type=MEDIA_TYPE, headers=headers)
