"""Who may see something that belongs to somebody."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Visibility(models.TextChoices):
    PRIVATE = "private", _("Only me")
    MEMBERS = "members", _("Everybody who signs in")
    PUBLIC = "public", _("Everybody")
