"""`bulkhead fleet`: which tenant runs which version, whether that is allowed, and what has drifted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import rollouts
from infra.cli.output import JsonOption, note, out, table

if TYPE_CHECKING:
    from infra.operations.drift_model import Drift
    from infra.operations.fleet_status import FleetStatus, TenantStatus

#: Exit codes besides those of every command: as `bulkhead audit` and `bulkhead prove` have them.
TOO_OLD, DRIFTED, UNKNOWN = 1, 3, 12

Gate = Annotated[
    bool,
    typer.Option(
        "--gate", help="Exit with 1 if a version is too old or a tenant failed, 12 if something is not known."
    ),
]
MaxAge = Annotated[
    int | None,
    typer.Option("--max-age", metavar="DAYS", min=0, help="Days since a tenant's version was replaced by the next."),
]
MaxBehind = Annotated[
    int | None, typer.Option("--max-behind", metavar="N", min=0, help="Releases newer than a tenant's version.")
]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Look now: drift, proof and smoke tests of every tenant; it takes a while.")
]
Tenants = Annotated[list[str] | None, typer.Argument(metavar="TENANT", help="The tenants; by default all.")]
Named = Annotated[list[str], typer.Argument(metavar="TENANT", help="The tenants.")]

app = typer.Typer(
    help="One version for all tenants: status, upgrades in waves, drift.",
    epilog="Example: bulkhead fleet status; bulkhead fleet upgrade --to v1.3.0 --canary acme",
    no_args_is_help=True,
)


def register(into: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        epilog="Example: bulkhead fleet status; bulkhead fleet status --gate --max-age 30 --max-behind 2; "
        "bulkhead fleet status --refresh --json | jq -r '.tenants[] | [.tenant, .version, .skew] | @tsv'"
    )(status)
    app.command(epilog="Example: bulkhead fleet drift; bulkhead fleet drift acme --json")(drift)
    app.command(epilog="Example: bulkhead fleet accept acme")(accept)
    rollouts.register(app)
    into.add_typer(app, name="fleet")


def status(
    gate: Gate = False,
    max_age: MaxAge = None,
    max_behind: MaxBehind = None,
    refresh: Refresh = False,
    as_json: JsonOption = False,
) -> None:
    """Show of each tenant the version, its age, drift, last proof, health and monthly cost.

    The versions are those of the checkout's history: every commit of its main line that changed what the programs are
    made of is a release. Drift, proof and health are as they were last seen; a dash says that nobody looked yet.
    The allowed window is `fleet.window` in the platform's spec, or what the options say.

    --json prints one document: newest, window, passed, note and tenants.
    """
    import msgspec

    from infra.cli.slow import SlowProgress
    from infra.operations.fleet_refresh import look_again
    from infra.operations.fleet_status import fleet_status
    from infra.operations.reconciliation import last_reconciliation
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings
    from infra.spec.fleet import SkewWindow

    with Workspace(load_settings(), report=note) as workspace, SlowProgress() as progress:
        if refresh:
            look_again(workspace, said=progress)
        allowed = workspace.estate.platform.fleet.window
        window = SkewWindow(
            days=allowed.days if max_age is None else max_age,
            releases=allowed.releases if max_behind is None else max_behind,
        )
        found = fleet_status(workspace, today=_today(), window=window)
        reconciled = last_reconciliation(workspace.settings.home)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        show(found)
        for held in reconciled.held if reconciled else ():
            out.print(f"{held.tenant}: {held.kind}: {held.note}", markup=False, highlight=False)
    if gate and not found.passed:
        told = any(one.skew == "too old" or one.condition == "failed" for one in found.tenants)
        raise typer.Exit(TOO_OLD if told else UNKNOWN)


def drift(tenants: Tenants = None, as_json: JsonOption = False) -> None:
    """Look for what differs in the cloud from what was deployed, and restore it where the platform's spec says so.

    Only what the programs ask for counts. What no stack has is found by `bulkhead audit`. The platform's spec says in
    `fleet.drift` whether drift is only reported, or restored.

    Exits with 0 where nothing has drifted (any more), 3 where something has, and 12 where nobody can tell.
    """
    import msgspec

    from infra.cli.slow import SlowProgress
    from infra.operations.drift import detect_drift
    from infra.operations.projects import resolve
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    with Workspace(load_settings(), report=note) as workspace, SlowProgress() as progress:
        named = None
        if tenants:
            named = [ref.stack for ref in resolve(tenants, workspace.estate, workspace.deployed_tenants())]
        found = detect_drift(workspace, named, said=progress)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"tenants": found}), indent=2).decode())
    else:
        for line in _drift_lines(found):
            out.print(line, markup=False, highlight=False)
    if any(one.state == "drifted" and not one.repaired for one in found):
        raise typer.Exit(DRIFTED)
    if any(one.state == "unknown" for one in found):
        raise typer.Exit(UNKNOWN)


def accept(tenants: Named) -> None:
    """Accept what somebody ran past the service: the state as it is now counts as that of the service's own run."""
    from infra.operations.fleet_memory import record_run
    from infra.operations.projects import resolve
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    with Workspace(load_settings(), report=note) as workspace:
        for ref in resolve(tenants, workspace.estate, workspace.deployed_tenants()):
            record_run(workspace, ref.stack)
            note(f"{ref.stack} is accepted as it is")


def show(found: FleetStatus) -> None:
    """Print the fleet as a table."""
    out.print(
        table(
            *("tenant", "tier", "version", "age", "condition", "drift", "proof", "health", "USD/month"),
            rows=[_row(one) for one in found.tenants],
            title=f"newest version: {found.newest or 'unknown'}",
        )
    )
    for one in found.tenants:
        for text in (one.note, one.by_hand, _why(one)):
            if text:
                out.print(f"{one.tenant}: {text}", markup=False, highlight=False)
    if found.note:
        out.print(found.note, markup=False, highlight=False)


def _row(one: TenantStatus) -> Sequence[str]:
    behind = "" if not one.releases_behind else f" ({one.releases_behind} releases, {one.days_behind} days)"
    return (
        one.tenant,
        one.tier,
        one.version or "-",
        f"{one.skew}{behind}",
        one.condition or "-",
        one.drift.state if one.drift else "-",
        one.proof.verdict if one.proof else "-",
        one.health.verdict if one.health else "-",
        "-" if one.usd_month is None else f"{one.usd_month:,.2f}",
    )


def _why(one: TenantStatus) -> str:
    return one.health.detail if one.health and one.health.verdict != "passed" else ""


def _drift_lines(found: Sequence[Drift]) -> Iterator[str]:
    for one in found:
        told = "" if one.new or one.state == "none" else " (told before)"
        yield f"{one.tenant}  {one.state}{', put back' if one.repaired else ''}{told}"
        for resource in one.resources:
            properties = f" [{', '.join(resource.properties)}]" if resource.properties else ""
            yield f"  {resource.kind:<8} {resource.type.split(':')[-1]:<28} {resource.name}{properties}"
        if one.why:
            yield f"  {one.why}"


def _today() -> date:
    return datetime.now(UTC).date()
