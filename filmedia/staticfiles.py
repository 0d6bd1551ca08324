"""
How static files are named and sent: named by their contents, so that browsers may keep
them for ever, and sent in one part, because they are small.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    # Our modules import each other by relative path; without this their imports would
    # go on naming the files without a hash.
    support_js_module_import_aggregation = True


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise reads files in a synchronous loop, which an ASGI server can only wait for."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file as file:
                body = file.read()
        response = HttpResponse(body, status=int(found.status))
        # The type that HttpResponse guesses would say a charset that binary files have not.
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
