"""Money: what films would cost, and how the library's account stands."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from library import permissions
from library.api.described import answers
from library.api.scoped import FILMS, needs
from library.api.videos import seen
from library.api.view import ApiView
from library.errors import NotAllowed, NotFound, WrongState
from library.network import certificate, connection, preflight, summary
from library.shapes import CertificateShape, FundsShape, QuoteShape

MOST_FILMS = 1000


class SizesShape(serializers.Serializer):
    sizes = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**60),
        max_length=MOST_FILMS,
        help_text="bytes of each film",
    )


class Quote(ApiView):
    """What storing films costs, before a byte of them is sent."""

    scopes = needs("funds:read")

    @extend_schema(
        operation_id="quotes_make",
        summary="What storing films would cost",
        request=SizesShape,
        responses=answers(QuoteShape, 400, 401, 403, 409),
    )
    def post(self, request: Request) -> Response:
        if not permissions.may_upload(request.user):
            raise NotAllowed("You may not bring films.")
        given = SizesShape(data=request.data)
        given.is_valid(raise_exception=True)
        sizes = given.validated_data["sizes"]
        found = preflight.preflight(sizes)
        if found is None:
            raise WrongState("This library keeps its films on its own machine: that costs nothing.")
        return Response(preflight.described(found, sizes))


class Funds(ApiView):
    """The account that pays for the library. For whoever runs it."""

    scopes = needs("funds:read")

    @extend_schema(
        operation_id="funds",
        summary="How the library's account stands",
        responses=answers(FundsShape, 401, 403, 409),
    )
    def get(self, request: Request) -> Response:
        if not permissions.may_see_funds(request.user):
            raise NotAllowed("Only whoever runs the library sees its funds.")
        if connection.is_local():
            raise WrongState("This library keeps its films on its own machine: that costs nothing.")
        return Response(summary.described(summary.summary()))


class Certificate(ApiView):
    """What anybody needs to check a film against the chain, without this library."""

    scopes = FILMS

    @extend_schema(
        operation_id="videos_certificate",
        summary="The certificate of a film on a network",
        responses=answers(CertificateShape, 401, 404),
    )
    def get(self, request: Request, video_id: str) -> Response:
        video = seen(request, video_id)
        if video.is_local or not video.committed_copies:
            raise NotFound("This film has no certificate: no copy of it is on a chain.")
        return Response(certificate.certificate(video))
