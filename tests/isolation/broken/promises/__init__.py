"""What the composed policies must never allow, and what they must: written from the theorem, not from the policies."""

from __future__ import annotations

from collections.abc import Mapping

from tests.isolation.broken.promises import (
    audits,
    erasures,
    keys,
    logs,
    models,
    objects,
    platform,
    previews,
    provisioning_data,
    provisioning_identities,
    provisioning_leftovers,
    provisioning_networks,
    provisioning_workloads,
    records,
    sessions,
    tampering,
    verification,
)
from tests.isolation.broken.promises.declared import Promise

_FILES = (
    objects,
    keys,
    models,
    logs,
    sessions,
    verification,
    tampering,
    provisioning_identities,
    provisioning_data,
    provisioning_networks,
    provisioning_workloads,
    provisioning_leftovers,
    erasures,
    records,
    platform,
    previews,
    audits,
)

#: Every promise by its name.
PROMISES: Mapping[str, Promise] = {each.name: each for file in _FILES for each in file.PROMISES.made}
