"""What the asker was sent of a film, and from where."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from library.api.described import answers
from library.api.scoped import needs
from library.api.videos import _changeable as changeable
from library.api.videos import person
from library.api.view import ApiView
from library.shapes import DeliveryShape
from library.watching import delivered


class Delivery(ApiView):
    scopes = needs("stream")

    @extend_schema(
        operation_id="videos_delivery",
        summary="From where your bytes of a film came",
        description=(
            "The sums since you began to watch it, renditions included: what "
            "`X-Filmedia-Source` says of single answers, and for those who are told that. "
            "Nobody else's streams are in it. It is the memory of the process that answers, "
            "which forgets a viewer who was sent nothing for half an hour."
        ),
        responses=answers(DeliveryShape, 401, 403, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        video = changeable(request, video_id)
        return Response(delivered.describe(video, delivered.to(person(request), video)))
