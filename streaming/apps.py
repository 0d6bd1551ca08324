from collections.abc import Collection

from django.apps import AppConfig


class StreamingConfig(AppConfig):
    name = "streaming"

    def ready(self) -> None:
        from library.watching import delivered

        def known(user: int, videos: Collection[str]) -> delivered.Delivered:
            # What sends films is loaded where something is sent.
            from streaming.doors import summing

            return summing.delivered(user, videos)

        delivered.ask(known)
