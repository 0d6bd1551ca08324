"""What a server runs: pages, API and bytes over HTTP, events over websockets."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "filmedia.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from library.live.routing import websocket_application  # noqa: E402
from library.uploads.door import Door  # noqa: E402
from streaming.doors.grants import grants  # noqa: E402
from streaming.doors.media import Media  # noqa: E402
from streaming.doors.watched import register  # noqa: E402

register.keep_written()
grants.keep_looking()

application = ProtocolTypeRouter({"http": Media(Door()), "websocket": websocket_application})
