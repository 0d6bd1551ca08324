"""Our data sets: one for each provider and kind, found again where the chain has it."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from filmedia.filecoin.chain.readings import DataSetInfo
from filmedia.filecoin.signing import keys
from library.models import DataSet, Provider
from library.network import connection
from library.network.connection import Connection

log = logging.getLogger(__name__)

State = DataSet.State


def for_provider(provider: Provider) -> DataSet:
    """
    The data set that new pieces at this provider go into: the live one, or the one that
    is made with its first pieces. Its number of 256 bits is written down here, once.
    """
    with transaction.atomic():
        found = DataSet.objects.filter(
            provider=provider,
            owner=connection.owner(),
            beam=settings.BEAM,
            state__in=[State.MAKING, State.LIVE],
        ).first()
        return found or DataSet.objects.create(
            provider=provider,
            owner=connection.owner(),
            beam=settings.BEAM,
            client_data_set_id=str(keys.new_nonce()),
        )


def adopt(at: Connection) -> int:
    """
    Take up the owner's data sets of this kind that the chain has and our rows have not, as
    after a database was lost. Returns how many there were.
    """
    known = set(
        DataSet.objects.filter(provider__network=at.network.name, number__isnull=False).values_list(
            "number", flat=True
        )
    )
    infos = at.run(at.service.data_sets(connection.owner()))
    unknown = [info for info in infos if info.data_set_id not in known]
    if not unknown:
        return 0
    told = at.run(at.service.metadata([info.data_set_id for info in unknown]))
    adopted = 0
    for info, metadata in zip(unknown, told, strict=True):
        adopted += _adopt(at, info, metadata)
    return adopted


def _adopt(at: Connection, info: DataSetInfo, metadata: dict[str, str]) -> bool:
    provider = Provider.objects.filter(network=at.network.name, number=info.provider_id).first()
    beam = "withCDN" in metadata
    if provider is None or metadata != DataSet(beam=beam).metadata:
        return False
    state = State.ENDING if info.pdp_end_epoch else State.LIVE
    with transaction.atomic():
        making = DataSet.objects.filter(
            provider=provider, client_data_set_id=str(info.client_data_set_id)
        )
        if making.update(number=info.data_set_id, state=state):
            return False
        alive = DataSet.objects.filter(
            provider=provider, owner=connection.owner(), beam=beam, state__in=["making", "live"]
        )
        if state == State.LIVE and alive.exists():
            return False
        DataSet.objects.create(
            provider=provider,
            owner=connection.owner(),
            beam=beam,
            client_data_set_id=str(info.client_data_set_id),
            number=info.data_set_id,
            state=state,
            created_at=timezone.now(),
        )
    log.info("Took up data set %s of %s, which the chain has", info.data_set_id, provider)
    return True
