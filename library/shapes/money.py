"""What storing costs, and the certificate that it was paid for."""

from __future__ import annotations

from rest_framework import serializers


class QuotedFilmShape(serializers.Serializer):
    size = serializers.IntegerField(help_text="bytes")
    per_month = serializers.CharField(allow_null=True, help_text="with all its copies")


class QuoteShape(serializers.Serializer):
    """Amounts are decimal texts of `currency`, null where the chain was not heard yet."""

    currency = serializers.CharField()
    copies = serializers.IntegerField()
    per_month = serializers.CharField(allow_null=True)
    one_time = serializers.CharField(allow_null=True)
    locked = serializers.CharField(allow_null=True, help_text="while the films are stored")
    deposit = serializers.CharField(allow_null=True, help_text="what has to be added first")
    runway_days_before = serializers.IntegerField(allow_null=True)
    runway_days_after = serializers.IntegerField(allow_null=True)
    ready = serializers.BooleanField()
    problem = serializers.ChoiceField(
        ["", "deposit", "approve", "raise limit", "renew key", "reach chain"]
    )
    sentence = serializers.CharField(help_text="the same in words")
    action = serializers.CharField(allow_blank=True, help_text="what the owner should do")
    read_at = serializers.DateTimeField(allow_null=True, help_text="how old the figures are")
    films = QuotedFilmShape(many=True)


class AccessShape(serializers.Serializer):
    address = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    may = serializers.ListField(child=serializers.CharField())
    may_not = serializers.ListField(child=serializers.CharField())
    problem = serializers.CharField(allow_blank=True)


class FundsShape(serializers.Serializer):
    """Amounts are decimal texts of `currency`."""

    network = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(["watching", "unread", "healthy", "low", "deficit"])
    currency = serializers.CharField()
    balance = serializers.CharField()
    available = serializers.CharField()
    locked = serializers.CharField()
    debt = serializers.CharField()
    per_month = serializers.CharField(help_text="what is being spent")
    act_within_days = serializers.IntegerField(allow_null=True, help_text="null: no end")
    act_within_at = serializers.DateTimeField(allow_null=True)
    prepaid_days = serializers.IntegerField(allow_null=True)
    prepaid_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True, help_text="of the latest reading")
    notices = serializers.ListField(child=serializers.CharField())
    access = AccessShape(allow_null=True)


class CertificateShape(serializers.Serializer):
    """docs/check_certificate.py checks one."""

    format = serializers.CharField()
    made_at = serializers.DateTimeField()
    film = serializers.DictField()
    state = serializers.DictField()
    network = serializers.DictField()
    pieces = serializers.ListField(child=serializers.DictField())
