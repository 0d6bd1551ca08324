"""Reading JSON from strangers."""

from __future__ import annotations

from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    """JSON, of which nothing that a client can write makes us stumble."""

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error: it is nested too deeply.") from None
        except LookupError:
            raise ParseError("JSON parse error: it is in an unknown charset.") from None
