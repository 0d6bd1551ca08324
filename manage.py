#!/usr/bin/env python
"""filmedia's command line: `manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "filmedia.settings")
    if sys.argv[1:2] == ["runserver"]:
        # For developing: static files as they are now, without collecting them.
        os.environ.setdefault("DEBUG", "1")
        # Daphne keeps what a slow viewer has not taken in memory: give it less at once.
        os.environ.setdefault("STREAM_WINDOW", str(4 * 1024 * 1024))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong: {error}")


if __name__ == "__main__":
    main()
