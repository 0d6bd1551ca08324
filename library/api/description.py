"""
What the description of each operation has in common, beside what its view says: scopes, the
headers that every request may have, and the refusals that may meet any of them.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from library.api.described import why
from library.api.problems import MEDIA_TYPE
from library.api.scoped import needed_by
from library.shapes import ProblemShape

Operation = dict[str, Any]

_WRITES = {"post", "put", "patch"}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": "names just these bytes"}}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 200, "pattern": r"^[\x21-\x7e]{1,200}$"},
    "description": "Your name for this request: sent again with it, it is not done again.",
}


class Description(AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> Operation | None:
        operation: Operation | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            self._say_scopes(operation)
            self._say_headers(operation)
            self._say_refusals(operation)
        return operation

    def _say_scopes(self, operation: Operation) -> None:
        needed = sorted(needed_by(self.view, self.method))
        operation["x-scopes"] = needed
        if needed:
            said = f"A token needs {' and '.join(f'`{scope}`' for scope in needed)}."
            operation["description"] = f"{operation.get('description', '')}\n\n{said}".strip()
        for way in operation.get("security", []):
            if "token" in way:
                way["token"] = needed

    def _say_headers(self, operation: Operation) -> None:
        responses = operation["responses"]
        if self.method == "GET" and "200" in responses:
            responses["200"].setdefault("headers", {}).update(_ETAG)
            responses["304"] = {"description": "You have it already.", "headers": _ETAG}
        if self._keeps_answers():
            operation.setdefault("parameters", []).append(_KEY)

    def _say_refusals(self, operation: Operation) -> None:
        refused = {400, 406, 429}
        if self._signs_in(operation):
            refused |= {401}
        if self._signs_in(operation) and operation["x-scopes"]:
            refused |= {403}
        if self._keeps_answers():
            refused |= {409, 422}
        if operation.get("requestBody"):
            refused |= {413, 415}
        shape = self.resolve_serializer(ProblemShape, "response").ref
        for status in sorted(refused):
            said = {"content": {MEDIA_TYPE: {"schema": shape}}, "description": why(status)}
            operation["responses"].setdefault(str(status), said)

    def _keeps_answers(self) -> bool:
        return self.method == "POST" and getattr(self.view, "keeps_answers", False)

    @staticmethod
    def _signs_in(operation: Operation) -> bool:
        return bool(operation.get("security"))
