"""
What every view of the API has in common, whatever it is about.

In this order: how often (throttles), what for (scopes), by which names (parameters), whether
it was asked before (Idempotency-Key); and behind the answer its ETag. A test sees to it that
no view goes without.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from library.api import etags, idempotency, questions, throttles
from library.api.scoped import Needed, Scoped
from library.errors import KeyUnavailable


class Asked:
    """To be mixed into views that come from elsewhere; others are an `ApiView`."""

    # Which scopes each method needs; what is not said here needs all of them.
    scopes: Needed
    # Parameters beside those of the description.
    also_asked: Sequence[str] = ()
    # Whether what a POST answered may be kept, and the whole of it done in one transaction.
    keeps_answers = True
    in_one_transaction = True

    throttle_classes: Any = (throttles.PersonThrottle, throttles.AddressThrottle)
    _claim: idempotency.Claim | None = None
    _throttles: list[BaseThrottle]

    def check_permissions(self, request: Request) -> None:
        # Who does not come with a token at all is the other permissions' affair; they come
        # first for whoever has not signed in, who should learn just that.
        super().check_permissions(request)  # type: ignore[misc]
        Scoped().has_permission(request, self)  # type: ignore[arg-type]

    def check_throttles(self, request: Request) -> None:
        self._throttles = self.get_throttles()  # type: ignore[attr-defined]
        waits = [
            throttle.wait()
            for throttle in self._throttles
            if not throttle.allow_request(request, self)  # type: ignore[arg-type]
        ]
        if waits:
            self.throttled(request, max(wait or 0 for wait in waits))  # type: ignore[attr-defined]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self._throttles = []
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        questions.check(request, self)  # type: ignore[arg-type]
        if request.method == "POST" and self.keeps_answers:
            self._claim = idempotency.claim(request)
            if self._claim is not None:
                post = self.post  # type: ignore[attr-defined]
                # What `dispatch` calls next.
                vars(self)["post"] = partial(self._post_once, self._claim, post)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            return self._settled(etags.sealed(self.request, response))  # type: ignore[attr-defined]
        finally:
            if self._claim is not None:
                self._claim.release()

    def _post_once(
        self, claim: idempotency.Claim, post: Any, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        def do() -> HttpResponse:
            answer = post(request, *args, **kwargs)
            finished: HttpResponse = self.finalize_response(request, answer, *args, **kwargs)
            return finished

        return idempotency.done_once(claim, do, in_one_transaction=self.in_one_transaction)

    def seal_answer(self) -> None:
        """Where this answer is kept to be given again, it is not to lie there in clear."""
        if self._claim is not None:
            self._claim.sealed = True

    def _settled(self, response: HttpResponseBase) -> HttpResponseBase:
        """A refusal is kept too, once what led to it has been undone."""
        if self._claim is not None and isinstance(response, HttpResponse):
            if isinstance(response, Response) and not response.is_rendered:
                response.render()
            with suppress(idempotency.Lost):
                self._claim.keep(response)
        return response

    def handle_exception(self, error: Exception) -> Any:
        if isinstance(error, idempotency.Replay):
            try:
                return error.response()
            except KeyUnavailable as refusal:
                error = refusal
        return super().handle_exception(error)  # type: ignore[misc]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)  # type: ignore[misc]
        for name, value in throttles.told(getattr(self, "_throttles", [])).items():
            response[name] = value
        etags.named(request, response)
        return response


class ApiView(Asked, APIView):
    """A view of the API."""
