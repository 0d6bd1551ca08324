"""Which websocket answers at which path."""

from __future__ import annotations

from channels.routing import URLRouter
from django.urls import path, re_path

from library.live.consumer import EventsConsumer, NoSuchSocket

websocket_application = URLRouter(
    [
        path("ws/events/", EventsConsumer.as_asgi()),
        re_path(r"", NoSuchSocket.as_asgi()),
    ]
)
