"""
Every setting of an installation, read once from the environment.

The defaults run on a laptop; whatever differs elsewhere is an environment variable, and
each has a line in the README. Nothing outside this file reads the environment, and the
Filecoin package reads no settings at all: it is handed values.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from filmedia import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
KIB, MIB, GIB, TIB = (1024**power for power in range(1, 5))

# --- Where things are -----------------------------------------------------------------

FILMEDIA_VERSION = "0.1.0"
FILMEDIA_DATA = Path(env.text("FILMEDIA_DATA", str(BASE_DIR / "data"))).expanduser().resolve()
try:
    FILMEDIA_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"FILMEDIA_DATA cannot be made: {error}.") from None
# The hashing kernel is compiled once per machine and kept with everything else we write.
KERNEL_CACHE = Path(env.text("NUMBA_CACHE_DIR", str(FILMEDIA_DATA / "cache" / "kernels")))
os.environ["NUMBA_CACHE_DIR"] = str(KERNEL_CACHE)

SECRET_KEY = env.secret("FILMEDIA_SECRET_KEY", FILMEDIA_DATA / "secrets")
# The key that keeps the keys of films; where it is not given, library/keys makes it.
FILMEDIA_LIBRARY_KEY = env.given_secret("FILMEDIA_LIBRARY_KEY")
# Earlier ones, for film keys (and backups) that they still keep.
FILMEDIA_LIBRARY_KEY_PREVIOUS = env.given_secrets("FILMEDIA_LIBRARY_KEY_PREVIOUS")

PORT = env.number("PORT", 8000, least=1)
# The address people type. An https one turns on everything that belongs to TLS.
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
DEBUG = env.switch("DEBUG")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# Addresses of the reverse proxies whose X-Forwarded-* headers are believed.
TRUSTED_PROXIES = env.words("TRUSTED_PROXIES")

# --- Limits ---------------------------------------------------------------------------

UPLOAD_MAX_SIZE = env.number("UPLOAD_MAX_SIZE", TIB, least=1)
# What we advise clients to send in one PATCH: the most a person ever sends twice.
UPLOAD_CHUNK_SIZE = env.number("UPLOAD_CHUNK_SIZE", 16 * MIB, least=1)
UPLOAD_EXPIRES_HOURS = env.number("UPLOAD_EXPIRES_HOURS", 7 * 24, least=1)
# Disk space that uploads never take, so that the database can still be written.
DISK_KEEP_FREE = env.number("DISK_KEEP_FREE", 256 * MIB)
TRASH_KEEP_DAYS = env.number("TRASH_KEEP_DAYS", 30)
# A film is cut into pieces of this size; each is one tree of 127 * 2^j bytes.
PIECE_SIZE = env.number("PIECE_SIZE", 127 * 2**21, least=127 * 2**13)
if PIECE_SIZE not in {127 * 2**power for power in range(13, 24)}:
    raise ImproperlyConfigured("PIECE_SIZE should be 127 * 2^j bytes with j from 13 to 23.")
# Daphne takes bytes from a view faster than a slow phone does and keeps the difference
# in memory, so under it an open range is answered in parts. 0 means no cap (uvicorn).
STREAM_WINDOW = env.number("STREAM_WINDOW", 0)
# The internal location at which the nginx in front reads pieces by itself; none: it does not.
X_ACCEL_LOCATION = env.text("X_ACCEL_LOCATION")
# Pieces of this machine were verified when they were written, and a patrol looks at them;
# this has each block of them verified each time it is opened, too.
STREAM_VERIFY_ALWAYS = env.switch("STREAM_VERIFY_ALWAYS")
# Blocks of films that came from elsewhere, kept on disk for the next viewer. 0 keeps none.
CACHE_SIZE = env.number("CACHE_SIZE", 10 * GIB)
# Disk space that these blocks leave to everything else: they go before others run short.
CACHE_KEEP_FREE = env.number("CACHE_KEEP_FREE", 2 * GIB)
# Answers with bytes of films that are open at once: of one account, or of one address without
# one; and of all. 0 is no limit. Whoever comes then waits some seconds before they are refused.
STREAMS_PER_USER = env.number("STREAMS_PER_USER", 12)
STREAMS_PER_ADDRESS = env.number("STREAMS_PER_ADDRESS", 120)
STREAMS_TOTAL = env.number("STREAMS_TOTAL", 500)
# Requests a second of one viewer for less than 64 KiB; what is larger does not count.
STREAM_REQUESTS = env.number("STREAM_REQUESTS", 100)
STREAM_REQUESTS_AT_ONCE = env.number("STREAM_REQUESTS_AT_ONCE", 1000, least=1)
# Bytes a second that one viewer gets over all of their answers; 0 is no limit.
STREAM_RATE = env.number("STREAM_RATE", 0)
# Lets whatever collects figures read them at /metrics, as `Authorization: Bearer …`.
METRICS_TOKEN = env.given_secret("METRICS_TOKEN")
ACCEPT_ANY_FILE = env.switch("ACCEPT_ANY_FILE")
# Films known by their PieceCIDs are read from public https addresses, and from these hosts.
IMPORT_HOSTS = env.words("IMPORT_HOSTS")
# Films for everybody are stored open; this has them encrypted as all others are.
ENCRYPT_PUBLIC = env.switch("ENCRYPT_PUBLIC")
# A worker that has not been heard of for this long has lost its step.
STEP_LEASE_SECONDS = env.number("STEP_LEASE_SECONDS", 30, least=1)

# --- The Filecoin network -------------------------------------------------------------

# `local` keeps pieces in a folder; the others store them with providers, for money.
FILECOIN_NETWORK = env.choice(
    "FILECOIN_NETWORK", "local", ("local", "calibration", "mainnet", "devnet")
)
# Instead of the network's public nodes; the first is asked first.
FILECOIN_RPC_URLS = env.words("FILECOIN_RPC_URL")
FILECOIN_RPC_TOKEN = env.given_text("FILECOIN_RPC_TOKEN")
# Public nodes take about 100 requests a minute; ours share this many.
FILECOIN_RPC_PER_MINUTE = env.number("FILECOIN_RPC_PER_MINUTE", 90, least=1)
# The address whose account pays. Its own key is never here: a session key signs for it.
FILECOIN_OWNER = env.text("FILECOIN_OWNER")
FILECOIN_SESSION_KEY = env.given_or_kept_secret(
    "FILECOIN_SESSION_KEY", FILMEDIA_DATA / "secrets" / "filecoin_session_key"
)
FILECOIN_DEVNET = env.text("FILECOIN_DEVNET")
if FILECOIN_NETWORK == "devnet" and not FILECOIN_DEVNET:
    raise ImproperlyConfigured(
        "FILECOIN_NETWORK=devnet needs FILECOIN_DEVNET, the path of a devnet's description."
    )
# Have the first provider of a piece fetch it from SITE_URL, instead of sending it there.
PULL_FROM_HERE = env.switch("PULL_FROM_HERE")
# How many providers hold each film.
COPIES = env.number("COPIES", 2, least=1)
# Have data sets that are made from now on read through Filecoin Beam. Fixed per data set.
BEAM = env.switch("BEAM")
# How often proofs are looked at, and copies sampled.
PATROL_SECONDS = env.number("PATROL_SECONDS", 5 if FILECOIN_NETWORK == "devnet" else 300, least=1)
# How long parked pieces wait for others, so that they go on chain together.
COMMIT_GATHER_SECONDS = env.number("COMMIT_GATHER_SECONDS", 5)

# --- Django ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "knox",
    "axes",
    "csp",
    "django_filters",
    "drf_spectacular",
    "library",
    "streaming",
]

MIDDLEWARE = [
    "library.tracing.name_requests",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "filmedia.staticfiles.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "filmedia.urls"
ASGI_APPLICATION = "filmedia.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "library.pages.context.preferences",
                "library.pages.frame.frame",
            ],
        },
    }
]

_SQLITE = {
    # Write locks are taken when a transaction begins, so that two writers queue instead
    # of failing in the middle of one.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL, because NORMAL can lose an acknowledged offset in a power cut.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
    # What is deleted is overwritten, so that the key of an erased film is gone.
    "PRAGMA secure_delete=ON;",
}
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL", f"sqlite:///{FILMEDIA_DATA / 'filmedia.sqlite3'}")
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = _SQLITE

if REDIS_URL := env.text("REDIS_URL"):
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }

STATIC_URL = "/static/"
STATIC_ROOT = FILMEDIA_DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "filmedia.staticfiles.HashedStaticFiles"},
}
# A plain HTML form may send a film of any size: what does not fit in memory waits here.
FILE_UPLOAD_TEMP_DIR = FILMEDIA_DATA / "staging" / "forms"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "library.uploads.spool.SpoolUploadHandler",
]

# Translations are looked for in locale/; until one is there, the words are English.
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Who is who -----------------------------------------------------------------------

AUTH_USER_MODEL = "library.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
FIRST_ADMIN_USERNAME = env.text("DJANGO_SUPERUSER_USERNAME")
FIRST_ADMIN_PASSWORD = env.text("DJANGO_SUPERUSER_PASSWORD")
FIRST_ADMIN_EMAIL = env.text("DJANGO_SUPERUSER_EMAIL")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "library:login"
LOGIN_REDIRECT_URL = "library:home"
LOGOUT_REDIRECT_URL = "library:login"

# Ten wrong passwords for one name from one address: wait a quarter of an hour.
AXES_FAILURE_LIMIT = env.number("LOGIN_FAILURE_LIMIT", 10, least=1)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "filmedia.broken.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

KNOX_TOKEN_MODEL = "library.DeviceToken"  # noqa: S105
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=env.number("TOKEN_DAYS", 90, least=1)),
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_LIMIT_PER_USER": None,
}

# --- What belongs to TLS --------------------------------------------------------------

_OVER_TLS = urlsplit(SITE_URL).scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _OVER_TLS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _OVER_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _OVER_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Nothing from elsewhere and nothing inline. Pictures of films that are still being chosen
# are blobs of the page's own; forms send people nowhere else.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
CSRF_TRUSTED_ORIGINS = [SITE_URL] if _OVER_TLS else []
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The API --------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "library.authentication.DeviceAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["library.api.parsing.Json"],
    "DEFAULT_SCHEMA_CLASS": "library.api.description.Description",
    # The address that throttles go by is the connection's: uvicorn has put that of the visitor
    # there where a trusted proxy tells it, and nobody else is believed.
    "NUM_PROXIES": 0,
    "EXCEPTION_HANDLER": "library.api.problems.exception_handler",
    # People and addresses are counted where something is asked for or changed. Bytes that are
    # watched are not counted, nor is what belongs to them.
    "DEFAULT_THROTTLE_RATES": {
        "person": "3000/min",
        "address": "9000/min",
        "sign-in": "30/min",
        "uploads": "600/min",
        "upload-bytes": "6000/min",
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "filmedia",
    "DESCRIPTION": "The library's API for mobile and other clients.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "library.api.examples.add",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"id": str},
    "ENUM_NAME_OVERRIDES": {
        "VideoState": "library.models.Video.State",
        "VideoKind": "library.models.Video.Kind",
        "CaptionKind": "library.models.Caption.Kind",
        "JobState": "library.models.Job.State",
        "UploadState": "library.models.Upload.State",
        "ImportState": "library.models.Import.State",
        "StageState": "library.models.Step.State",
        "Visibility": "library.models.Visibility",
        "CopyState": "library.models.Copy.State",
        "AdditionState": "library.models.Addition.State",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(trace_id)s]: %(message)s"}
    },
    "filters": {"named": {"()": "library.tracing.Named"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["named"]}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # It tells whole addresses, in which an RPC node's token may be.
        "httpx": {"level": "WARNING"},
    },
}
