"""What a server runs: pages, API and bytes over HTTP, events over websockets."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "filmedia.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from library.live.routing import websocket_application  # noqa: E402
from library.uploads.door import Door  # noqa: E402
from streaming.doors.watched import register  # noqa: E402

register.keep_written()

application = ProtocolTypeRouter({"http": Door(), "websocket": websocket_application})
