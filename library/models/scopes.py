"""What a device's token may be used for."""

from django.utils.translation import gettext_lazy as _

# Each with the sentence that its owner reads when they grant it.
SCOPES = {
    "videos:read": _("See films, playlists and what happens to them"),
    "videos:write": _("Change films and playlists, move films to the trash and back"),
    "uploads:write": _("Bring new films"),
    "shares:write": _("Share films with others"),
    "stream": _("Watch and download films"),
    "funds:read": _("See what storing costs and how long the money lasts"),
    "admin": _("Everything an administrator may do"),
}


def everything() -> list[str]:
    """Of a token that was made without choosing: whatever its owner may."""
    return list(SCOPES)
