"""The table of what is read of an account: one entry a type, grouped by service."""

from __future__ import annotations

from infra.live.entry import Kind
from infra.live.kinds import (
    buckets,
    functions,
    identities,
    keys,
    messaging,
    models,
    network,
    organization,
    registries,
    secrets,
)

TABLE: tuple[Kind, ...] = (
    *identities.KINDS,
    *keys.KINDS,
    *buckets.KINDS,
    *network.KINDS,
    *registries.KINDS,
    *messaging.KINDS,
    *secrets.KINDS,
    *functions.KINDS,
    *models.KINDS,
    *organization.KINDS,
)
