"""How rows are found by what their PieceCIDs end with."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func
from django.db.models.sql.compiler import SQLCompiler

# So many letters at the end of a PieceCID v2 are of its root alone, wherever that begins.
TAIL = 51


class CidTail(Func):
    """The last letters of a PieceCID. Spelled without parameters, so that an index answers."""

    arity = 1
    output_field = CharField()
    template = f"SUBSTR(%(expressions)s, -{TAIL})"

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        template = f"RIGHT(%(expressions)s, {TAIL})"
        return self.as_sql(compiler, connection, template=template, **context)
