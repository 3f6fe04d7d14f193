"""The fleet and its rollouts as one document: what ``GET /v1/fleet`` answers and the console shows."""

from __future__ import annotations

from datetime import date

import msgspec

from infra.operations.fleet_rollouts import Rollouts
from infra.operations.fleet_status import FleetStatus, fleet_status
from infra.operations.reconciliation import Reconciliation, last_reconciliation
from infra.operations.rollout_view import RolloutView
from infra.operations.workspace import Workspace

#: So many rollouts are told, the newest.
_MOST = 10


class FleetView(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet and its rollouts.

    Args:
        fleet: The tenants.
        rollouts: The last rollouts, the newest first.
        reconciliation: What the last comparison of specs with what was applied came to; None: the service made none.
    """

    fleet: FleetStatus
    rollouts: tuple[RolloutView, ...]
    reconciliation: Reconciliation | None = None


def fleet_view(workspace: Workspace, *, today: date) -> FleetView:
    """The fleet and its rollouts, from files and what was last seen: nothing is run.

    Args:
        workspace: The specs and the stacks' state.
        today: The day by which ages are judged.

    Raises:
        UserError: The specs or the backend cannot be read.
    """
    known = Rollouts(workspace.settings.home)
    newest = list(reversed(known.ids()))[:_MOST]
    return FleetView(
        fleet=fleet_status(workspace, today=today),
        rollouts=tuple(map(known.view, newest)),
        reconciliation=last_reconciliation(workspace.settings.home),
    )
