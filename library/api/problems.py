"""
Errors as RFC 9457 spells them: one shape for whatever went wrong.

`type` names a page that lists all of them; `code` is what a program looks at.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from library.errors import Refusal
from library.tracing import trace_id

MEDIA_TYPE = "application/problem+json"

# What DRF and Django raise by themselves: code and title.
KNOWN: dict[type[exceptions.APIException], tuple[str, str]] = {
    exceptions.ParseError: ("unreadable", "The request cannot be read"),
    exceptions.ValidationError: ("invalid", "Invalid request"),
    exceptions.NotAuthenticated: ("sign-in-first", "Sign in first"),
    exceptions.AuthenticationFailed: ("wrong-credentials", "Wrong credentials"),
    exceptions.PermissionDenied: ("not-allowed", "Not allowed"),
    exceptions.NotFound: ("not-found", "Not found"),
    exceptions.MethodNotAllowed: ("method-not-allowed", "Method not allowed"),
    exceptions.NotAcceptable: ("not-acceptable", "Not acceptable"),
    exceptions.UnsupportedMediaType: ("wrong-media-type", "Wrong Content-Type"),
    exceptions.Throttled: ("too-many-requests", "Too many requests"),
}
# What is told where no view is asked: status and title.
OTHERS = {
    "too-many-failures": (429, "Too many failures"),
    "broken": (500, "Something went wrong"),
    "refused": (400, "This cannot be done"),
}
_SIGN_IN = (
    "Sign in first: get a token from /api/v1/auth/tokens/ and send it as “Authorization: Bearer …”."
)
_NOT_FOUND = "There is nothing here, or nothing that you may see."


def problem(
    status: int, code: str, title: str, detail: str, instance: str, **more: Any
) -> dict[str, Any]:
    return {
        "type": f"/api/v1/problems/{code}/",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": instance,
        "code": code,
        "trace_id": trace_id(),
        **more,
    }


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """What DRF calls for everything a view raises; None leaves it to be a 500."""
    path = context["request"].path
    if isinstance(error, Refusal):
        return _answer(_of_refusal(error, path), error.headers)
    if isinstance(error, Http404):
        error = exceptions.NotFound(_NOT_FOUND)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, SuspiciousOperation | BadRequest):
        return _answer(_of_unreadable(error, path), {})
    if not isinstance(error, exceptions.APIException):
        return None
    return _answer(_of_drf(error, path), _headers(error))


def locked_out(request: HttpRequest) -> JsonResponse:
    """For whoever has guessed too many passwords."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    body = problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-failures",
        "Too many failures",
        f"Too many wrong passwords. Wait {minutes} minutes, then try again.",
        request.path,
        retry_after=minutes * 60,
    )
    response = as_response(body)
    response["Retry-After"] = str(minutes * 60)
    return response


@csrf_exempt
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
    """For addresses under /api/ that lead nowhere."""
    return as_response(problem(404, "not-found", "Not found", _NOT_FOUND, request.path))


def unreadable(request: HttpRequest, error: Exception) -> JsonResponse:
    """For what Django refuses before, or instead of, any view."""
    return as_response(_of_unreadable(error, request.path))


def broken(request: HttpRequest) -> JsonResponse:
    """For what nobody thought of. What it was is in the server's log, not here."""
    detail = "Something went wrong on our side. Your films are safe; please try again."
    return as_response(problem(500, "broken", "Something went wrong", detail, request.path))


def _of_unreadable(error: Exception, path: str) -> dict[str, Any]:
    if isinstance(error, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        detail = f"What is sent here has at most {most:,} bytes. Films go to /api/v1/uploads/."
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "Too large", detail, path)
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        detail = "There are more fields or files in it than anything here has."
    else:
        detail = "Something in its address or its headers is not as it should be."
    code, title = KNOWN[exceptions.ParseError]
    return problem(HTTPStatus.BAD_REQUEST, code, title, detail, path)


def as_response(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)


def refuse(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    """A refusal where there is no view of the API, which no cache keeps."""
    response = as_response(_of_refusal(refusal, request.path))
    for name, value in {"Cache-Control": "no-store", **refusal.headers}.items():
        response[name] = value
    return response


def _of_refusal(refusal: Refusal, path: str) -> dict[str, Any]:
    told = (refusal.status, refusal.code, refusal.title, refusal.detail, path)
    return problem(*told, **_facts(refusal))


def _facts(refusal: Refusal) -> dict[str, Any]:
    """A refusal's facts; a wrong field also as the pointer that forms look for."""
    facts = dict(refusal.facts)
    if field := facts.pop("field", None):
        error = {"pointer": f"/{field}", "code": refusal.code, "detail": refusal.detail}
        facts["errors"] = [error]
    return facts


def _of_drf(error: exceptions.APIException, path: str) -> dict[str, Any]:
    code, title = KNOWN.get(type(error), ("refused", "This cannot be done"))
    more: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        more["errors"] = list(_pointed(error.get_full_details(), ""))
        detail = " ".join(f"{e['pointer'][1:] or 'request'}: {e['detail']}" for e in more["errors"])
    elif type(error) is exceptions.NotAuthenticated:
        detail = _SIGN_IN
    else:
        detail = str(error.detail)
    if (wait := getattr(error, "wait", None)) is not None:
        more["retry_after"] = int(wait) + 1
    return problem(error.status_code, code, title, detail, path, **more)


def _pointed(details: Any, pointer: str) -> Any:
    """DRF's nested lists and dictionaries of messages, flat, each with a JSON pointer."""
    if isinstance(details, dict) and "message" in details:
        yield {
            "pointer": pointer,
            "code": str(details["code"]),
            "detail": str(details["message"]),
        }
    elif isinstance(details, dict):
        for field, inner in details.items():
            at = pointer if field == "non_field_errors" else f"{pointer}/{field}"
            yield from _pointed(inner, at)
    else:
        for inner in details:
            yield from _pointed(inner, pointer)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return headers


def _answer(body: dict[str, Any], headers: dict[str, str]) -> Response:
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)
