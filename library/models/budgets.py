"""What is left of addresses that are good for so many bytes."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now


class BudgetQuerySet(models.QuerySet["Budget"]):
    def outlived(self) -> BudgetQuerySet:
        """Those of addresses whose time is over, wherever it is a little earlier."""
        return self.filter(ends_at__lt=Now() - timedelta(hours=1))


class Budget(models.Model):
    """`key` is a digest of the address. `taken` bytes of it were sent, or are about to be."""

    key = models.CharField(max_length=64, primary_key=True)
    taken = models.BigIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(taken__gte=0), name="budget_taken_is_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"{self.taken} bytes of {self.key}"
