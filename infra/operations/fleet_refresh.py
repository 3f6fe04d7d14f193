"""Looks at every tenant now: drift, the proof of what is deployed, and health; what is seen is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from infra.errors import UserError
from infra.fleet import Done
from infra.live.report import about
from infra.operations.drift import detect_drift
from infra.operations.estate_files import of_backend
from infra.operations.exports import exports
from infra.operations.fleet_health import health
from infra.operations.fleet_memory import remember
from infra.operations.proving import Estate, promised_controls, prove_estate
from infra.operations.workspace import Workspace
from infra.promises.sharing import declared_sharing
from infra.proof.report import Report, Verdict


def look_again(workspace: Workspace, *, said: Callable[[str], None] = lambda _: None) -> None:
    """Look at every tenant that is deployed.

    Args:
        workspace: The specs, the cloud and the engine.
        said: Is told how far it is.

    Raises:
        UserError: The backend or the cloud cannot be read at all.
    """
    tenants = workspace.deployed_tenants()
    if not tenants:
        return
    detect_drift(workspace, tenants, said=said)
    said("proving what is deployed")
    report = _proven(workspace)
    for tenant in tenants:
        own = about(report, frozenset({tenant}))
        now = datetime.now(UTC)
        why = "" if own.verdict is Verdict.PROVED else f"see bulkhead prove --stack {tenant}"
        remember(workspace, tenant, now, proof=own.verdict, why=why)
        said(f"trying {tenant}")
        try:
            found = health(workspace, tenant) if tenant in workspace.estate.tenants else None
        except UserError as error:
            found = Done(outcome="unknown", detail=str(error))
        if found is not None:
            remember(workspace, tenant, now, health=found.outcome, why=found.detail)


def _proven(workspace: Workspace) -> Report:
    given = tuple(of_backend(exports(workspace.settings)))
    specs = workspace.estate
    estate = Estate(given=given, sharing=declared_sharing(specs.platform), controls=promised_controls(specs, given))
    return prove_estate(estate, cache=workspace.settings.home / "proof-cache")
