"""What the service's database knows of the fleet's tenants: whose last operation failed, and who is being erased."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from infra.lifecycle.failures import Failure
from infra.lifecycle.states import State
from infra.settings import Settings
from infra.store import tenants
from infra.store.database import open_store, reading, sqlite_url


@dataclass(frozen=True, kw_only=True)
class FleetRow:
    """A tenant that is not as it should be, by its row.

    Args:
        state: ``failed`` or ``erasing``.
        failure: Why it failed.
        tier: Its tier by the spec that it was last given; empty where that has none.
    """

    state: State
    failure: Failure | None
    tier: str

    @property
    def note(self) -> str:
        """What is wrong and what to do, for people."""
        if self.failure is None:
            return f"it is {self.state}"
        found = self.failure
        return (
            f"its {found.operation} failed in the step {found.step} ({found.failure_class}): {found.message}; "
            f"what to do: {found.remedy}"
        )


def fleet_rows(settings: Settings) -> Mapping[str, FleetRow]:
    """The tenants that are failed or being erased, by their ids; none where no service has run in this home.

    The database is that of ``DATABASE_URL``, or the file in the home.

    Raises:
        StoreUnavailable: It cannot be opened: nobody can tell how its tenants are.
    """
    file = settings.database_file
    url = os.environ.get("DATABASE_URL")
    if url is None and not file.exists():
        return {}
    store = open_store(url or sqlite_url(file))
    found: dict[str, FleetRow] = {}
    last = ""
    try:
        with reading(store) as connection:
            while page := tenants.page(connection, states=[State.FAILED, State.ERASING], after=last):
                for each in page:
                    spec = msgspec.json.decode(each.spec, type=dict[str, Any])
                    condition = each.condition
                    tier = str(spec.get("tier", ""))
                    found[each.id] = FleetRow(state=condition.state, failure=condition.failure, tier=tier)
                last = page[-1].id
    finally:
        store.dispose()
    return found
