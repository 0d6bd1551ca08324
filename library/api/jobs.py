"""Jobs: how far each is, what became of each film, stopping one, taking one back."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from library.api import paging
from library.api.bulk import LOOK_AGAIN_SECONDS, begun
from library.api.catalogue import CURSOR, LIMIT, person
from library.api.described import answers
from library.api.scoped import FILMS
from library.api.view import ApiView
from library.errors import Invalid, NotFound
from library.jobs import manifest, stopping, telling, undoing
from library.models import Job, JobItem
from library.shapes import JobDetailShape, JobPageShape, JobShape, ManifestShape

NOT_THERE = "There is no such job, or it is not yours."


class JobList(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="jobs_list",
        summary="Your jobs, the newest first",
        parameters=[
            OpenApiParameter("state", OpenApiTypes.STR, enum=Job.State.values),
            LIMIT,
            CURSOR,
        ],
        responses=answers(JobPageShape, 400, 401),
    )
    def get(self, request: Request) -> Response:
        rows = Job.objects.visible_to(request.user).select_related("owner").counted()
        if (state := request.query_params.get("state")) is not None:
            if state not in Job.State.values:
                raise Invalid(f"state is one of {', '.join(Job.State.values)}.", field="state")
            rows = rows.filter(state=state)
        found, cursor = paging.page(request, rows)
        body = {"items": [telling.describe(job) for job in found], "next_cursor": cursor}
        return Response(body, headers=paging.link(request, cursor))


class JobDetail(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="jobs_detail",
        summary="One job, with what became of each film",
        parameters=[
            OpenApiParameter(
                "state",
                OpenApiTypes.STR,
                enum=JobItem.State.values,
                description="only films of which this became",
            ),
            LIMIT,
            CURSOR,
        ],
        responses=answers(JobDetailShape, 400, 401, 404),
    )
    def get(self, request: Request, job_id: str) -> Response:
        job = _found(request, job_id)
        rows = job.items.all()
        if (state := request.query_params.get("state")) is not None:
            if state not in JobItem.State.values:
                raise Invalid(f"state is one of {', '.join(JobItem.State.values)}.", field="state")
            rows = rows.filter(state=state)
        found, cursor = _page(request, rows)
        body = {
            **telling.describe(job),
            "items": [telling.describe_item(item) for item in found],
            "next_cursor": cursor,
        }
        headers = paging.link(request, cursor)
        if job.state in {Job.State.WAITING, Job.State.RUNNING}:
            headers["Retry-After"] = str(LOOK_AGAIN_SECONDS)
        return Response(body, headers=headers)


class JobCancel(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="jobs_cancel",
        summary="Stop a job; what is done stays done",
        request=None,
        responses=answers(JobShape, 401, 404, 409),
    )
    def post(self, request: Request, job_id: str) -> Response:
        stopping.cancel(_found(request, job_id))
        return Response(telling.describe(_found(request, job_id)))


class JobUndo(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="jobs_undo",
        summary="Take a job back, by another job",
        description="Films that were changed again since stay as they are.",
        request=None,
        responses=answers(JobShape, 401, 404, 409, status=202),
    )
    def post(self, request: Request, job_id: str) -> Response:
        return begun(undoing.begin(_found(request, job_id), person(request)))


class JobManifest(ApiView):
    scopes = FILMS

    @extend_schema(
        operation_id="jobs_manifest",
        summary="The manifest that a job has named the films for",
        parameters=[
            OpenApiParameter("as", OpenApiTypes.STR, enum=list(manifest.KINDS), default="json")
        ],
        responses={
            **answers(None, 400, 401, 404),
            (200, "application/json"): ManifestShape,
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
        },
    )
    def get(self, request: Request, job_id: str) -> HttpResponse:
        kind = request.query_params.get("as", manifest.JSON)
        if kind not in manifest.KINDS:
            raise Invalid(f"as is one of {', '.join(manifest.KINDS)}.", field="as")
        job = _found(request, job_id)
        response = HttpResponse(manifest.written(job, kind), content_type=manifest.KINDS[kind])
        name = f"filmedia-{job.pk}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _page(request: Request, items: QuerySet[JobItem]) -> tuple[list[JobItem], str | None]:
    """A cursor is the number of the last item that was told."""
    given, size = request.query_params.get("cursor", "0"), paging.limit(request)
    if not (given.isascii() and given.isdecimal() and len(given) <= 18):
        raise Invalid("This cursor is none of ours.", field="cursor")
    found = list(items.filter(pk__gt=int(given)).order_by("pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return found, str(found[-1].pk) if more else None


def _found(request: Request, job_id: str) -> Job:
    rows = Job.objects.visible_to(request.user).select_related("owner").counted()
    job = rows.filter(pk=job_id).first()
    if job is None:
        raise NotFound(NOT_THERE)
    return job
