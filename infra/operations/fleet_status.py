"""The fleet as it is: of each tenant its version, condition, drift, last proof, health and cost; and the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Literal, cast

import msgspec

from infra.engine.local_state import stack_file
from infra.errors import UserError
from infra.fleet import FleetTenant, Release, TenantAge, Window, blueprint_version, skew
from infra.fleet.model import Condition
from infra.fleet.releases import History
from infra.gitops import changed_by_hand, stack_mark
from infra.lifecycle.failures import Failure
from infra.lifecycle.states import State
from infra.operations.drift_model import Drift
from infra.operations.fleet_memory import Remembered, Seen, memory
from infra.operations.fleet_rows import FleetRow, fleet_rows
from infra.operations.inventory import inventory_of
from infra.operations.projects import tenant_stack
from infra.operations.workspace import Workspace
from infra.proof.facts.inputs import read_file
from infra.proof.facts.kinds import export_of_state
from infra.spec.common import Tier

#: As `infra.fleet.Age`, and ``not deployed``: there is a spec, and no stack of it yet.
Skewed = Literal["current", "behind", "too old", "unknown", "not deployed"]

_STACK_TYPE = "pulumi:pulumi:Stack"


class TenantStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant of the fleet.

    Args:
        tenant: Its id.
        tier: Its tier.
        region: Its AWS Region.
        version: The blueprint's version that it runs; None: nobody can tell, or it is not deployed.
        skew: How far it is behind, as a verdict.
        releases_behind: How many releases are newer; None: unknown.
        days_behind: For how many days a newer one has been there; None: unknown.
        condition: How it is; None: it is not deployed, and nothing is wrong with that.
        by_hand: What somebody ran past us since our last run; empty: nothing, or we never ran it.
        drift: The last look at its cloud; None: nobody looked.
        proof: The last proof; None: there was none.
        health: The last health and smoke checks; None: there were none.
        usd_month: What its resources cost a month by list prices, in US dollars; None: unknown.
        note: What is wrong, and what to do.
        failure: Why its last operation failed; None: it did not.
    """

    tenant: str
    tier: Tier
    region: str
    version: str | None
    skew: Skewed
    releases_behind: int | None
    days_behind: int | None
    condition: Condition | None
    by_hand: str
    drift: Drift | None
    proof: Seen | None
    health: Seen | None
    usd_month: float | None
    note: str
    failure: Failure | None = None

    @property
    def allowed(self) -> bool:
        """Whether the gate lets it pass: a known version that is young enough, neither failed nor unknown."""
        return self.skew in ("current", "behind", "not deployed") and self.condition not in ("failed", "unknown")


class FleetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet.

    Args:
        newest: The newest release; None: the history has none.
        window: How far behind a tenant may be, in days and releases.
        passed: Whether the gate lets the fleet pass.
        tenants: Every tenant that has a spec or a stack, or that failed before it had either.
        note: Why versions could not be compared; empty: they were.
    """

    newest: str | None
    window: dict[str, int]
    passed: bool
    tenants: tuple[TenantStatus, ...]
    note: str = ""


def fleet_status(workspace: Workspace, *, today: date, window: Window | None = None) -> FleetStatus:
    """The fleet as it is, from the stacks' state and what was last seen.

    Args:
        workspace: The specs and the stacks' state.
        today: The day of the judgement.
        window: How far behind a tenant may be; None: what the platform's spec says.

    Raises:
        UserError: The specs or the backend cannot be read.
    """
    allowed = window or workspace.estate.platform.fleet.window
    deployed = set(workspace.deployed_tenants())
    rows = fleet_rows(workspace.settings)
    failed = {name for name, row in rows.items() if row.state is State.FAILED}
    names = sorted({*workspace.estate.tenants, *deployed, *failed})
    with ThreadPoolExecutor(workspace.settings.parallel) as pool:
        reading = [
            pool.submit(_Found.of, workspace, name, deployed=name in deployed, row=rows.get(name)) for name in names
        ]
        found = [each.result() for each in reading]
    releases, note = _releases(workspace)
    fleet = [one for one in (each.as_fleet_tenant for each in found) if one is not None]
    ages = {age.tenant: age for age in skew(fleet, releases, allowed, today).tenants} if releases else {}
    tenants = tuple(each.status(ages.get(each.name)) for each in found)
    return FleetStatus(
        newest=releases[-1].version if releases else None,
        window={"days": allowed.days, "releases": allowed.releases},
        passed=all(each.allowed for each in tenants),
        tenants=tenants,
        note=note,
    )


def fleet_tenants(status: FleetStatus) -> list[FleetTenant]:
    """The fleet as a rollout plans with it: what is deployed."""
    return [
        FleetTenant(id=one.tenant, tier=one.tier, region=one.region, version=one.version, condition=one.condition)
        for one in status.tenants
        if one.condition is not None and one.skew != "not deployed"
    ]


def _releases(workspace: Workspace) -> tuple[Sequence[Release], str]:
    try:
        return History(workspace.settings.blueprint).releases(), ""
    except UserError as error:
        return (), f"the blueprint's history cannot be read, so that no age is known: {error.message}"


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a tenant."""

    name: str
    tier: Tier
    region: str
    export: Mapping[str, Any] | None
    remembered: Remembered
    deployed: bool
    row: FleetRow | None = None
    usd_month: float | None = None
    note: str = ""

    @classmethod
    def of(cls, workspace: Workspace, name: str, *, deployed: bool, row: FleetRow | None) -> _Found:
        spec = workspace.estate.tenants.get(name)
        export, notes = None, list[str]()
        remembered = Remembered()
        try:
            remembered = memory(workspace).read(name)
            export = read_export(workspace, name) if deployed else None
        except UserError as error:
            notes.append(f"its state cannot be read: {error.message}")
        outputs = _outputs(export)
        if deployed and spec is None:
            notes.append(f"its spec is missing: restore it, or bulkhead destroy {name}")
        if row is not None:
            notes.append(row.note)
        elif not deployed:
            notes.append(f"not deployed: bulkhead up {name}")
        region = workspace.estate.platform.region
        return cls(
            name=name,
            tier=spec.tier if spec else cast("Tier", outputs.get("tier") or (row and row.tier) or "pool"),
            region=region,
            export=export,
            remembered=remembered,
            deployed=deployed,
            row=row,
            usd_month=None if export is None else inventory_of(export, region=region).estimate.usd_month,
            note="; ".join(notes),
        )

    @property
    def version(self) -> str | None:
        return None if self.export is None else blueprint_version(self.export)

    @property
    def condition(self) -> Condition | None:
        failed = self.row is not None and self.row.state is State.FAILED
        if not self.deployed:
            return "failed" if failed else None
        if self.export is None:
            return "unknown"
        if failed:
            return "failed"
        if self.row is not None or self.export["deployment"].get("pending_operations"):
            return "unfinished"
        health = self.remembered.health
        if health is None or health.verdict == "passed":
            return "healthy"
        return "unhealthy" if health.verdict == "failed" else "unknown"

    @property
    def as_fleet_tenant(self) -> FleetTenant | None:
        if self.condition is None or not self.deployed:
            return None
        return FleetTenant(
            id=self.name, tier=self.tier, region=self.region, version=self.version, condition=self.condition
        )

    def status(self, age: TenantAge | None) -> TenantStatus:
        return TenantStatus(
            tenant=self.name,
            tier=self.tier,
            region=self.region,
            version=self.version,
            skew="not deployed" if not self.deployed else age.age if age else "unknown",
            releases_behind=age.releases_behind if age else None,
            days_behind=age.days_behind if age else None,
            condition=self.condition,
            by_hand=self._by_hand(),
            drift=self.remembered.drift,
            proof=self.remembered.proof,
            health=self.remembered.health,
            usd_month=self.usd_month,
            note=self.note,
            failure=self.row.failure if self.row else None,
        )

    def _by_hand(self) -> str:
        if self.remembered.mark is None or (self.deployed and self.export is None):
            return ""
        now = None if self.export is None else stack_mark(self.export)
        found = changed_by_hand(self.remembered.mark, now)
        return found.note if found else ""


def read_export(workspace: Workspace, tenant: str) -> dict[str, Any]:
    """A tenant's state as ``pulumi stack export`` prints it: from its file where there is one, else by the engine.

    Raises:
        UserError: It cannot be read.
    """
    ref = tenant_stack(tenant)
    path = stack_file(workspace.settings.backend_url, ref)
    if path is None:
        return workspace.engine.export(ref)
    return msgspec.json.decode(export_of_state(read_file(path), str(path)))


def _outputs(export: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if export is None:
        return {}
    resources = cast("list[dict[str, Any]]", export["deployment"].get("resources") or [])
    root = next((each for each in resources if each["type"] == _STACK_TYPE), None)
    return cast("Mapping[str, Any]", (root or {}).get("outputs") or {})
