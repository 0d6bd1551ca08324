"""Every address of the site, put together from the apps. Nobody imports this."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

from library import health
from library.api.problems import not_found
from library.static_files import favicon

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    # Browsers ask for it by themselves where a page names no icon.
    path("favicon.ico", favicon, name="favicon"),
    # What the scripts of the pages say, in the language of the library.
    path("words.js", cache_control(max_age=3600)(JavaScriptCatalog.as_view()), name="words"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("library.api.urls")),
    re_path(r"^api/", not_found, name="api-nowhere"),
    path("", include("streaming.urls")),
    path("", include("library.pages.urls")),
]

handler400 = "filmedia.broken.unreadable"
handler403 = "library.pages.errors.forbidden"
handler404 = "library.pages.errors.not_found"
handler500 = "filmedia.broken.broken"
