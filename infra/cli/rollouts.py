"""`bulkhead fleet upgrade`, `approve`, `halt` and `rollouts`: a version in waves, with a way back."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import JsonOption, err, note, out, table
from infra.errors import UserError

if TYPE_CHECKING:
    from infra.engine import StackEvent
    from infra.fleet import Answered, Entry, Journal, Wave
    from infra.operations.fleet_rollouts import Rollouts
    from infra.operations.rollout_plans import RolloutWish
    from infra.operations.rollout_view import RolloutView
    from infra.operations.versions import Versions
    from infra.operations.workspace import Workspace

#: Exit codes besides those of every command.
NOT_COMPLETE, WAITING = 1, 4

To = Annotated[
    str | None, typer.Option("--to", metavar="REF", help="A branch, tag or commit of the blueprint, or a version.")
]
Canary = Annotated[
    str | None, typer.Option("--canary", metavar="IDS", help="The tenants that go first: acme,globex; '' for none.")
]
Waves = Annotated[
    str | None,
    typer.Option("--waves", metavar="SHARES", help="Up to which percents the next waves go: 5,25"),
]
Tolerated = Annotated[
    int | None, typer.Option("--tolerated", metavar="N", min=0, help="How many of a wave may fail before it is halted.")
]
Approval = Annotated[
    str | None, typer.Option("--approval", metavar="WHEN", help="Before which waves: none, 'after the first' or each.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="TIER|REGION|ID", help="Only these tenants; may be given several times."),
]
Aside = Annotated[
    list[str] | None,
    typer.Option("--set-aside", metavar="ID=REASON", help="Leave a tenant as it is; may be given several times."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the rollout that is not over.")]
Rollout = Annotated[str | None, typer.Argument(metavar="ROLLOUT", help="Its id; by default the one that is not over.")]
Refuse = Annotated[bool, typer.Option("--refuse", help="Do not approve: the wave is halted.")]
Reason = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why it is halted.")]


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    app.command(
        epilog="Example: bulkhead fleet upgrade --to v1.3.0 --canary acme --waves 5,25 --approval each; "
        "bulkhead fleet upgrade --resume; bulkhead fleet upgrade --to main --set-aside 'acme=frozen until May' --json"
    )(upgrade)
    app.command(epilog="Example: bulkhead fleet approve && bulkhead fleet upgrade --resume")(approve)
    app.command(epilog="Example: bulkhead fleet halt --reason 'errors at globex'")(halt)
    app.command(epilog="Example: bulkhead fleet rollouts --json | jq '.rollouts[0].waves'")(rollouts)


def upgrade(  # noqa: PLR0913, PLR0917 - each is an option of the command
    to: To = None,
    canary: Canary = None,
    waves: Waves = None,
    tolerated: Tolerated = None,
    approval: Approval = None,
    only: Only = None,
    set_aside: Aside = None,
    resume: Resume = False,
    as_json: JsonOption = False,
) -> None:
    """Bring every tenant to a version, in waves: canaries, then rising shares of every tier and Region, then all.

    Before a wave its tenants are previewed and proven together, after it each is proven and tried. A tenant that fails
    goes back to its former version and is set aside; when more fail than are tolerated, the whole wave goes back and
    nothing further is upgraded. A rollout that was cut off, even by kill -9, goes on with --resume. The platform's
    spec has the defaults of the options under `fleet.rollout`.

    Exits with 0 where every tenant of the plan runs the version, 1 where it was halted or tenants are set aside, and
    4 where somebody must approve the next wave first: bulkhead fleet approve.
    """
    import msgspec

    from infra.operations.fleet_rollouts import Rollouts
    from infra.operations.versions import Versions
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    if resume == (to is not None):
        raise UserError("which rollout?", remedy="give --to REF to begin one, or --resume to go on with one")
    if resume and any(each is not None for each in (canary, waves, tolerated, approval, only, set_aside)):
        raise UserError("a rollout that has begun keeps its plan", remedy="leave out the options beside --resume")
    with Workspace(load_settings(), report=note) as workspace, Versions(workspace) as versions:
        if to is None:
            rollout, journal = Rollouts(workspace.settings.home).resume()
        else:
            wish = _wish(to, canary, waves, tolerated, approval, only, set_aside)
            rollout, journal = _begun(workspace, versions, wish)
        with journal:
            if not as_json:
                note(f"rollout {rollout} to {journal.plan.to}")
            _carry_out(workspace, versions, rollout, journal, quiet=as_json)
        view = Rollouts(workspace.settings.home).view(rollout)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(view), indent=2).decode())
    else:
        show(view)
    if view.verdict == "waiting":
        raise typer.Exit(WAITING)
    if view.verdict != "complete":
        raise typer.Exit(NOT_COMPLETE)


def approve(rollout: Rollout = None, refuse: Refuse = False) -> None:
    """Approve the wave that waits for it; its previews and proofs are in `bulkhead fleet rollouts`."""
    from infra.fleet import Answered, Await
    from infra.operations.fleet_rollouts import Rollouts
    from infra.settings import load_settings

    known = Rollouts(load_settings().home)
    name, journal = known.resume(rollout)
    with journal:
        decision = journal.decide()
        if not isinstance(decision, Await):
            raise UserError(
                f"no wave of the rollout {name} waits for an approval", remedy="see bulkhead fleet rollouts"
            )
        journal.add(Answered(wave=decision.wave, granted=not refuse, by=getpass.getuser()))
    note(_goes_on(known, name, "go on with: bulkhead fleet upgrade --resume"))


def halt(reason: Reason) -> None:
    """Halt the rollout that is not over: the wave that is going on goes back, those before it stay.

    A process that runs it sees that before its next action; where none does, go on with --resume to have it go back.
    """
    from infra.operations.fleet_rollouts import Rollouts
    from infra.settings import load_settings

    known = Rollouts(load_settings().home)
    name = known.halt(getpass.getuser(), reason)
    back = "what it has touched goes back"
    note(f"{back}; {_goes_on(known, name, 'where no process runs it, by: bulkhead fleet upgrade --resume')}")


def _goes_on(known: Rollouts, rollout: str, otherwise: str) -> str:
    return "the service goes on with it" if rollout in known.handovers.open() else otherwise


def rollouts(as_json: JsonOption = False) -> None:
    """Show the rollouts with their waves, the newest first."""
    import msgspec

    from infra.operations.fleet_rollouts import Rollouts
    from infra.settings import load_settings

    known = Rollouts(load_settings().home)
    views = [known.view(rollout) for rollout in reversed(known.ids())]
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"rollouts": views}), indent=2).decode())
        return
    for view in views:
        show(view)


def show(view: RolloutView) -> None:
    """Print a rollout."""
    why = f": {view.why}" if view.why else ""
    rows = [
        (wave.name, tenant, standing, view.troubles.get(tenant, ""))
        for wave in view.waves
        for tenant, standing in wave.tenants.items()
    ]
    rows += [("-", tenant, "left out", why_out) for tenant, why_out in view.left_out.items()]
    out.print(
        table(
            *("wave", "tenant", "standing", "trouble"), rows=rows, title=f"{view.id} to {view.to}: {view.verdict}{why}"
        )
    )


def _begun(workspace: Workspace, versions: Versions, wish: RolloutWish) -> tuple[str, Journal]:
    from datetime import UTC, datetime

    from infra.operations.fleet_rollouts import Rollouts
    from infra.operations.rollout_plans import planned

    now = datetime.now(UTC)
    plan = planned(workspace, versions, wish, by=getpass.getuser(), now=now)
    return Rollouts(workspace.settings.home).begin(plan, now)


def _wish(
    to: str,
    canary: str | None,
    waves: str | None,
    tolerated: int | None,
    approval: str | None,
    only: list[str] | None,
    set_aside: list[str] | None,
) -> RolloutWish:
    from infra.operations.rollout_plans import RolloutWish

    aside: dict[str, str] = {}
    for each in set_aside or ():
        tenant, _, reason = each.partition("=")
        if not reason:
            raise UserError(f"{each!r} says no reason", remedy="give --set-aside acme='frozen until May'")
        aside[tenant] = reason
    return RolloutWish(
        to=to,
        canaries=None if canary is None else tuple(each for each in canary.split(",") if each),
        shares=None if waves is None else tuple(each for each in waves.split(",") if each),
        tolerated=tolerated,
        approval=approval,
        only=tuple(only or ()),
        set_aside=aside,
    )


def _carry_out(workspace: Workspace, versions: Versions, rollout: str, journal: Journal, *, quiet: bool) -> None:
    from infra.cli.progress import LiveProgress
    from infra.operations.fleet_rollouts import Rollouts
    from infra.operations.rollout_run import engine_actions, go_on

    with LiveProgress(quiet=quiet and not err.is_terminal) as progress:
        on_event: Callable[[StackEvent], None] = progress.on_event
        go_on(
            Rollouts(workspace.settings.home),
            rollout,
            journal,
            engine_actions(workspace, versions, on_event),
            at_once=workspace.settings.parallel,
            approve=_ask,
            told=(lambda _: None) if quiet else _tell,
        )


def _ask(number: int, wave: Wave) -> Answered | None:
    """Ask on a terminal; elsewhere nobody answers now."""
    from infra.fleet import Answered

    if not sys.stdin.isatty():
        return None
    names = ", ".join(one.tenant for one in wave.tenants)
    granted = typer.confirm(f"Wave {wave.name!r} passed its previews and proofs. Upgrade {names}?", err=True)
    return Answered(wave=number, granted=granted, by=getpass.getuser())


def _tell(entry: Entry) -> None:
    if entry.entry == "ended":
        why = f": {entry.detail}" if entry.outcome != "passed" and entry.detail else ""
        note(f"{entry.action.tenant}: {entry.action.kind} {entry.outcome}{why}")
    elif entry.entry == "answered":
        note(f"wave {entry.wave + 1}: {'approved' if entry.granted else 'refused'} by {entry.by}")
