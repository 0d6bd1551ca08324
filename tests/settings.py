"""The product's own settings, on a data folder that is thrown away."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_DATA = tempfile.mkdtemp(prefix="filmedia-tests-")
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
# Compiled kernels are kept between runs: they depend on the machine, not on the data.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path("build/kernels").resolve()))
os.environ["FILMEDIA_DATA"] = _DATA
os.environ.pop("SITE_URL", None)

from filmedia.settings import *  # noqa: E402, F403
from filmedia.settings import DATABASES, FILMEDIA_DATA, STORAGES  # noqa: E402

# A file, not memory: threads and child processes of a test must see the same rows.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(FILMEDIA_DATA / "test.sqlite3")}
# Tests collect no static files, so pages name them plainly.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
