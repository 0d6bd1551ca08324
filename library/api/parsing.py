"""Reading JSON from strangers."""

from __future__ import annotations

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    """JSON, of which nothing that a client can write makes us stumble."""

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error: it is nested too deeply.") from None
        except LookupError:
            raise ParseError("JSON parse error: it is in an unknown charset.") from None
        _make_sure_it_is_text(data)
        return data


def _make_sure_it_is_text(data: Any) -> None:
    """JSON can write half a character, which nothing else can: no database, and no answer."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValidationError({"non_field_errors": ["There is half a character in it."]}) from None
