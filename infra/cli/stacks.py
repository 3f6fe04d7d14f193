"""`bulkhead up`, `preview` and `destroy`: run stacks side by side, say what happened, and exit accordingly."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import JsonOption, note, out, print_json
from infra.cli.review import ChangedSince, Comment, Page, ReportUrl, review
from infra.errors import UserError

if TYPE_CHECKING:
    from infra.engine import Operation, StackEvent, StackResult
    from infra.operations.workspace import Workspace

Names = Annotated[
    list[str] | None, typer.Argument(metavar="STACK", help="The stacks: platform, or tenants by their ids.")
]
All = Annotated[bool, typer.Option("--all", help="Every tenant that has a spec.")]
NoModels = Annotated[
    bool, typer.Option("--no-models", help="Leave out the served models: for a new tenant whose artifacts are to come.")
]
ExpectNoChanges = Annotated[
    bool, typer.Option("--expect-no-changes", help="Exit with 3 if anything changes or would change.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on a terminal.")]
Parallel = Annotated[int | None, typer.Option(min=1, max=64, help="How many stacks run at the same time.")]
Provider = Annotated[
    str | None,
    typer.Option(help="The AWS plugin in the sandbox: 'offline', or 'official' where it is installed."),
]

_SYMBOLS = {
    "create": "+",
    "update": "~",
    "delete": "-",
    "replace": "±",
    "create-replacement": "+",
    "delete-replaced": "-",
}
_STYLES = {"+": "green", "~": "yellow", "-": "red", "±": "magenta"}


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog="Example: bulkhead up platform; bulkhead up acme globex; bulkhead up --all --json")(up)
    app.command(
        epilog="Example: bulkhead preview acme --expect-no-changes; "
        "bulkhead preview --changed-since origin/main --comment comment.md --html report.html"
    )(preview)
    app.command(epilog="Example: bulkhead destroy globex --yes")(destroy)


def up(
    names: Names = None,
    every_tenant: All = False,
    no_models: NoModels = False,
    expect_no_changes: ExpectNoChanges = False,
    parallel: Parallel = None,
    provider: Provider = None,
    as_json: JsonOption = False,
) -> None:
    """Bring stacks up to what their specs say, side by side; one that fails does not stop the others."""
    from infra.engine import Operation

    _apply(Operation.UP, names, every_tenant, no_models, expect_no_changes, parallel, provider, as_json)


def preview(  # noqa: PLR0913, PLR0917 - each is an option of the command
    names: Names = None,
    every_tenant: All = False,
    no_models: NoModels = False,
    expect_no_changes: ExpectNoChanges = False,
    parallel: Parallel = None,
    provider: Provider = None,
    changed_since: ChangedSince = None,
    comment: Comment = None,
    html: Page = None,
    report_url: ReportUrl = None,
    as_json: JsonOption = False,
) -> None:
    """Show what `up` would change, and change nothing.

    With --changed-since the stacks are those that a change touches, and isolation, costs, quotas and the policy pack
    are told too. It exits with 0 where nothing is forbidden, 1 where a preview failed, 2 on bad input, 11 where
    tenants are not isolated any more, 12 where that cannot be known (the codes of `bulkhead prove` and 10), and 14 on
    a mandatory finding of the policy pack; of several, the first of 11, 1, 14, 12.
    """
    from infra.engine import Operation

    if changed_since is not None:
        _require_alone(names, every_tenant, no_models, expect_no_changes)
        review(
            changed_since,
            comment=comment,
            html=html,
            report_url=report_url,
            parallel=parallel,
            provider=provider,
            as_json=as_json,
        )
    if comment is not None or html is not None or report_url is not None:
        raise UserError(
            "--comment, --html and --report-url are of a review", remedy="give --changed-since REF with them"
        )
    _apply(Operation.PREVIEW, names, every_tenant, no_models, expect_no_changes, parallel, provider, as_json)


def destroy(
    names: Names = None,
    every_tenant: All = False,
    yes: Yes = False,
    parallel: Parallel = None,
    provider: Provider = None,
    as_json: JsonOption = False,
) -> None:
    """Delete stacks and all that is in them, where their specs allow it (lifecycle.prevent_deletion: false)."""
    from infra.operations import run

    run.require_names(names or [], every_tenant=every_tenant)

    def work(workspace: Workspace, on_event: Callable[[StackEvent], None]) -> list[StackResult]:
        stacks = run.select(workspace, names or [], every_tenant=every_tenant)
        run.require_deletion_allowed(workspace, stacks)
        if sys.stdin.isatty() and not yes:
            typer.confirm(
                f"Delete {', '.join(stack.stack for stack in stacks)} and all data in them?", abort=True, err=True
            )
        return run.destroy(workspace, stacks, on_event=on_event)

    results = _run(work, parallel, provider, as_json)
    if not results:
        note("nothing to do: no such stack is deployed")
    _show(results, as_json=as_json)
    _exit(results)


def _require_alone(names: Sequence[str] | None, *options: bool) -> None:
    if names or any(options):
        raise UserError(
            "--changed-since finds the stacks by itself",
            remedy="leave out names, --all, --no-models and --expect-no-changes",
        )


def _apply(
    operation: Operation,
    names: Sequence[str] | None,
    every_tenant: bool,
    no_models: bool,
    expect_no_changes: bool,
    parallel: int | None,
    provider: str | None,
    as_json: bool,
) -> None:
    from infra.operations import run

    run.require_names(names or [], every_tenant=every_tenant)

    def work(workspace: Workspace, on_event: Callable[[StackEvent], None]) -> list[StackResult]:
        stacks = run.select(workspace, names or [], every_tenant=every_tenant)
        if operation == "up":
            _require_room(workspace, [stack.stack for stack in stacks])
        return run.apply(workspace, stacks, operation, models=not no_models, on_event=on_event)

    results = _run(work, parallel, provider, as_json)
    _show(results, as_json=as_json)
    _exit(results, expect_no_changes=expect_no_changes)


def _require_room(workspace: Workspace, names: Sequence[str]) -> None:
    """Before the first resource of new tenants is made; what an update adds is small, and AWS refuses it by itself."""
    from infra.operations import capacity

    deployed = {*workspace.deployed_tenants()}
    new = [spec.tier for name, spec in workspace.estate.tenants.items() if name in names and name not in deployed]
    if new and workspace.platform_deployed():
        capacity.require_room(capacity.basis(workspace), new)


def _run(
    work: Callable[[Workspace, Callable[[StackEvent], None]], list[StackResult]],
    parallel: int | None,
    provider: str | None,
    as_json: bool,
) -> list[StackResult]:
    from infra.cli.output import err
    from infra.cli.progress import LiveProgress
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    settings = load_settings(parallel=parallel, provider=provider)
    with Workspace(settings, report=note) as workspace:
        workspace.engine  # noqa: B018  made before the live display starts, as it may have to be built first
        with LiveProgress(quiet=as_json and not err.is_terminal) as progress:
            return work(workspace, progress.on_event)


def _show(results: Sequence[StackResult], *, as_json: bool) -> None:
    if as_json:
        print_json({"stacks": [as_document(result) for result in results]})
        return
    for result in results:
        _show_one(result)


def _show_one(result: StackResult) -> None:
    from rich.text import Text

    out.print(Text(f"{result.ref.stack}  ", style="bold") + Text(_headline(result)))
    for change in result.changes:
        symbol = _SYMBOLS.get(change.op)
        # A component is not in the cloud, and the engine tells the two halves of a replacement besides the whole.
        if symbol is None or change.op == "replace" or change.type.startswith("bulkhead:"):
            continue
        line = Text(f"  {symbol} ", style=_STYLES[symbol]) + Text(
            f"{change.op:<19} {change.type.split(':')[-1]:<34} {change.name}"
        )
        if change.diff:
            line.append(f"  [{', '.join(change.diff)}]", style="dim")
        out.print(line)
    for diagnostic in result.diagnostics:
        if diagnostic.severity == "warning":
            out.print(Text(f"  warning: {diagnostic.message.strip()}", style="yellow"))
    if result.error is not None:
        out.print(Text(f"  error: {result.error}", style="red"))


def _headline(result: StackResult) -> str:
    if result.outcome != "succeeded":
        return f"{result.operation.value} {result.outcome} after {result.seconds:.1f} s"
    counts = {op: count for op, count in result.summary.items() if op != "same" and count}
    changed = ", ".join(
        f"{count} to {op}" if result.operation == "preview" else f"{count} {op}d" for op, count in counts.items()
    )
    return f"{changed or 'no changes'} ({result.summary.get('same', 0)} unchanged), {result.seconds:.1f} s"


def as_document(result: StackResult) -> dict[str, object]:
    """A result as the documented JSON form of the command line."""
    return {
        "stack": result.ref.stack,
        "project": result.ref.project.name,
        "operation": result.operation.value,
        "outcome": result.outcome,
        "changed": result.changed,
        "summary": dict(result.summary),
        "changes": list(result.changes),
        "diagnostics": list(result.diagnostics),
        "error": None if result.error is None else {
            "type": type(result.error).__name__,
            "message": result.error.message,
            "where": result.error.where,
            "remedy": result.error.remedy,
        },
        "seconds": round(result.seconds, 3),
    }  # fmt: skip


def _exit(results: Sequence[StackResult], *, expect_no_changes: bool = False) -> None:
    if any(result.outcome == "cancelled" for result in results):
        raise typer.Exit(130)
    if any(result.outcome == "failed" for result in results):
        raise typer.Exit(1)
    if expect_no_changes and any(result.changed for result in results):
        raise typer.Exit(3)
