"""What changed since a device last looked."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from library import sync
from library.api import paging
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.errors import Invalid
from library.models import User
from library.shapes import ChangesShape


class ChangeList(ApiView):
    """What to fetch again, and what to forget."""

    scopes = FILMS

    @extend_schema(
        operation_id="changes",
        summary="What changed since you last looked",
        description=(
            "Begin without `since`: the answer has the number to follow from. Fetch everything "
            "once; from then on ask with the `since` of the answer before. What you may not see "
            "any more is told as deleted. 410 says that this history is gone: fetch everything "
            "anew, then follow from its `current`."
        ),
        parameters=[
            OpenApiParameter("since", OpenApiTypes.INT64, description="of the answer before"),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {paging.MOST} events"),
        ],
        responses=answers(ChangesShape, 400, 401, 410),
    )
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)  # the permission classes saw to it
        given = request.query_params.get("since")
        if given is not None and not (given.isascii() and given.isdecimal() and len(given) < 19):
            raise Invalid("since is a number that we gave you.", field="since")
        since = None if given is None else int(given)
        return Response(asdict(sync.changes(request.user, since, paging.limit(request))))
