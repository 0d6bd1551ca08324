"""What a server runs: pages, API and bytes over HTTP, events over websockets."""

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "filmedia.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from library.live.routing import websocket_application  # noqa: E402
from library.uploads.door import Door  # noqa: E402
from streaming.doors.grants import grants  # noqa: E402
from streaming.doors.handler import ByteHandler  # noqa: E402
from streaming.doors.media import Media  # noqa: E402
from streaming.doors.watched import register  # noqa: E402

register.keep_written()
grants.keep_looking()

site = Media(ByteHandler(Door()))
application = ProtocolTypeRouter({"http": site, "websocket": websocket_application})

# What has been loaded by now stays for good. Looking through it for what could be freed would
# hold up every viewer for a tenth of a second, again and again.
gc.collect()
gc.freeze()
