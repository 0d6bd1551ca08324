"""Is the process alive, and may a load balancer send it work?"""

from __future__ import annotations

import os

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from library import places


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers with the newest schema and the data folder is writable."""
    faults = [fault for fault in (_database_fault(), _disk_fault()) if fault]
    if faults:
        return JsonResponse({"status": "not ready", "faults": faults}, status=503)
    return JsonResponse({"status": "ok"})


def _database_fault() -> str:
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer."
    return "The database waits for migrations." if behind else ""


def _disk_fault() -> str:
    return "" if os.access(places.data(), os.W_OK | os.X_OK) else "The data folder is read-only."
