"""Events for those who ask now and then: what the websocket tells, page by page."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from library import events
from library.api import paging
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.errors import Invalid
from library.models import Event
from library.shapes import EventPageShape


class EventList(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="events_list",
        summary="What happened since",
        parameters=[
            OpenApiParameter("after", OpenApiTypes.INT64, description="a `seq`; 0 for all"),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {paging.MOST}"),
        ],
        responses=answers(EventPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 19):
            raise Invalid("after is the seq of an event.", field="after")
        limit = paging.limit(request)
        # The end is read first: an event that comes meanwhile is told the next time.
        newest = Event.objects.newest()
        seen = Event.objects.visible_to(request.user).after(int(after)).filter(seq__lte=newest)
        found = list(seen[:limit])
        seq = found[-1].seq if len(found) == limit else max(newest, int(after))
        return Response({"items": [events.describe(event) for event in found], "seq": seq})
