"""
What the library knows of a Filecoin network: who stores, in which data sets, and what was
asked of the chain. The rows are written before the world is changed, and settled by asking.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# After a failure a provider is left alone, each time for longer.
FIRST_REST, LONGEST_REST = timedelta(seconds=20), timedelta(hours=6)


class Provider(models.Model):
    """A storage provider, as the registry and our own experience have it."""

    network = models.CharField(max_length=20)
    number = models.PositiveBigIntegerField(help_text="in the registry")
    name = models.CharField(max_length=128)
    service_url = models.CharField(max_length=300, blank=True)
    service_provider = models.CharField(max_length=42, help_text="the address it sends from")
    payee = models.CharField(max_length=42)
    approved = models.BooleanField(default=False)
    endorsed = models.BooleanField(default=False)
    active = models.BooleanField(default=False)
    min_piece_size = models.BigIntegerField(default=0, help_text="bytes")
    max_piece_size = models.BigIntegerField(default=0, help_text="bytes")
    unfit = models.CharField(
        max_length=300, blank=True, help_text="what it says of itself forbids using it"
    )
    excluded = models.BooleanField(default=False, help_text="get no new pieces: chosen here")
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    failed_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(
        null=True, blank=True, help_text="the first failure since it last answered well"
    )
    error = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text="when the registry was read")

    class Meta:
        ordering = ["network", "number"]
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="provider_once_a_network")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        return f"{self.network}/{self.number}"

    @property
    def title(self) -> str:
        """Its name, which it gave itself, beside the number that cannot be borrowed."""
        return f"{self.name} ({self.number})" if self.name else f"Provider {self.number}"

    def rests_until(self) -> datetime | None:
        """When it is tried again after failures; None where it has none."""
        if not self.failures or self.failed_at is None:
            return None
        return self.failed_at + min(FIRST_REST * 2 ** min(self.failures - 1, 20), LONGEST_REST)


class DataSet(models.Model):
    """
    Our pieces at one provider, as the chain has them. One for each provider and kind, so
    that its fee and its reserve are paid once.
    """

    class State(models.TextChoices):
        MAKING = "making", _("Not on chain yet")
        LIVE = "live", _("Live")
        ENDING = "ending", _("Ending")
        ENDED = "ended", _("Ended")

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="data_sets")
    owner = models.CharField(max_length=42, help_text="who pays")
    beam = models.BooleanField(default=False)
    # A number of 256 bits, chosen before the data set is signed for.
    client_data_set_id = models.CharField(max_length=78, unique=True)
    number = models.PositiveBigIntegerField(null=True, blank=True, help_text="on chain")
    state = models.CharField(max_length=10, choices=State.choices, default=State.MAKING)
    created_at = models.DateTimeField(default=timezone.now)
    transaction = models.CharField(max_length=66, blank=True)

    # Where its proofs stand, in epochs, as read at `read_epoch`.
    activation = models.BigIntegerField(default=0)
    deadline = models.BigIntegerField(default=0)
    proven_this_period = models.BooleanField(default=False)
    last_proven = models.BigIntegerField(default=0)
    last_proven_at = models.DateTimeField(null=True, blank=True)
    created_epoch = models.BigIntegerField(default=0)
    leaf_count = models.BigIntegerField(default=0)
    next_challenge = models.CharField(max_length=78, default="0")
    end_epoch = models.BigIntegerField(default=0)
    ended_since = models.BigIntegerField(default=0, help_text="first seen as gone, in epochs")
    missed = models.PositiveIntegerField(default=0, help_text="periods without a proof, lately")
    read_epoch = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)
    quota = models.JSONField(null=True, blank=True, help_text="of Beam, in bytes left")
    quota_at = models.DateTimeField(null=True, blank=True)

    lease = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["provider", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "number"], name="data_set_once_a_number"),
            # A second one of a kind would be paid for twice, so there is none while one lives.
            models.UniqueConstraint(
                fields=["provider", "owner", "beam"],
                condition=Q(state__in=["making", "live"]),
                name="data_set_live_once_a_provider_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="making") | Q(number__isnull=False),
                name="data_set_on_chain_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"data set {self.number or 'to be made'} at {self.provider}"

    @property
    def metadata(self) -> dict[str, str]:
        """Public for ever, and the same for all of a kind, so that they can be found again."""
        return {"source": "filmedia"} | ({"withCDN": ""} if self.beam else {})


class Addition(models.Model):
    """
    Up to 40 pieces that go into a data set with one transaction.

    The nonce is drawn once. What is sent again after a lost answer has the same nonce and
    the same pieces, so the contract itself lets it happen once.
    """

    class State(models.TextChoices):
        DRAWN = "drawn", _("To be sent")
        SENT = "sent", _("Sent")
        LANDED = "landed", _("In a block")
        SETTLED = "settled", _("Committed")
        SAFE = "safe", _("Final")
        ABANDONED = "abandoned", _("Given up")

    OPEN = (State.DRAWN, State.SENT)
    UNDER_WAY = (*OPEN, State.LANDED, State.SETTLED)

    data_set = models.ForeignKey(DataSet, on_delete=models.PROTECT, related_name="additions")
    nonce = models.CharField(max_length=78, unique=True)
    creates = models.BooleanField(default=False, help_text="the data set with it")
    cids = models.JSONField(default=list, help_text="PieceCIDs in the order of the batch")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAWN)
    transaction = models.CharField(max_length=66, blank=True)
    confirmed_transaction = models.CharField(
        max_length=66, blank=True, help_text="where the provider replaced it"
    )
    block = models.BigIntegerField(null=True, blank=True)
    block_hash = models.CharField(max_length=66, blank=True)
    fee = models.DecimalField(max_digits=60, decimal_places=0, default=0, help_text="1e-18 USDFC")
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    help = models.CharField(max_length=30, blank=True, help_text="what would let it happen")
    drawn_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    landed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["data_set", "pk"]
        indexes = [models.Index(fields=["state", "next_try_at"])]

    def __str__(self) -> str:
        return f"{len(self.cids)} pieces into {self.data_set}"

    @property
    def shown_transaction(self) -> str:
        return self.confirmed_transaction or self.transaction


class Removal(models.Model):
    """
    A piece that is to leave a data set. It stays, and is paid for, until the provider's
    next proving period; so the row outlives the film that it was of.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("To be asked for")
        SENT = "sent", _("Asked for")
        SCHEDULED = "scheduled", _("Leaves at the next proving period")
        GONE = "gone", _("Gone")

    data_set = models.ForeignKey(DataSet, on_delete=models.PROTECT, related_name="removals")
    piece_id = models.PositiveBigIntegerField()
    piece_cid = models.CharField(max_length=100)
    title = models.CharField(max_length=300, blank=True, help_text="of the film it was of")
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    transaction = models.CharField(max_length=66, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["data_set", "piece_id"], name="removal_once_a_piece_and_data_set"
            )
        ]

    def __str__(self) -> str:
        return f"piece {self.piece_id} out of {self.data_set}"


class Payment(models.Model):
    """
    A line of the ledger: a fee that a transaction cost, or what was paid in and out.
    `amount` is in 1e-18 USDFC, negative where it left the account.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("Data set made")
        ADD = "add", _("Pieces added")
        REMOVE = "remove", _("Removal asked for")
        DEPOSIT = "deposit", _("Deposit")
        WITHDRAWAL = "withdrawal", _("Withdrawal")
        STORAGE = "storage", _("Storage paid")

    network = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = models.DecimalField(max_digits=60, decimal_places=0)
    at = models.DateTimeField(default=timezone.now)
    transaction = models.CharField(max_length=66, blank=True)
    # The same event, read twice, is one line.
    reference = models.CharField(max_length=120, unique=True)
    data_set = models.ForeignKey(DataSet, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class Reading(models.Model):
    """The latest answer to a question that was asked of the chain, and when."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField(default=dict)
    epoch = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True, help_text="of the latest try")
    tried_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def latest(cls, name: str) -> Any:
        """The value, or None where the question was never answered."""
        found = cls.objects.filter(pk=name).first()
        return found.value if found and found.value else None
