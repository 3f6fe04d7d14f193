"""`bulkhead status`, `outputs`, `env` and `doctor`: look at what is there, change nothing."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from infra.cli.output import JsonOption, note, out, print_json, table

Prepare = Annotated[
    bool, typer.Option("--prepare", help="Install what is missing: the engine and the offline plugins.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog="Example: bulkhead status --json")(status)
    app.command(epilog="Example: bulkhead outputs acme --json | jq .endpoints")(outputs)
    app.command(epilog='Example: eval "$(bulkhead env)" && cd tenant_stacks && pulumi preview --stack acme')(env)
    app.command(epilog="Example: bulkhead doctor; bulkhead doctor --prepare")(doctor)


def status(as_json: JsonOption = False) -> None:
    """Show the platform, every tenant, and what stands between specs and stacks."""
    from infra.operations.status import estate_status
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    with Workspace(load_settings(), report=note) as workspace:
        rows = estate_status(workspace)
    if as_json:
        print_json({"stacks": rows})
        return
    out.print(
        table(
            "STACK", "TIER", "STATE", "RESOURCES", "LAST UPDATE", "NOTE",
            rows=[
                (row.stack, row.tier or "-", row.state, str(row.resources), row.last_update or "-", row.note)
                for row in rows
            ],
        )
    )  # fmt: skip


def outputs(
    name: Annotated[str, typer.Argument(metavar="platform|TENANT", help="The stack, by name.")],
    as_json: JsonOption = False,
) -> None:
    """Show the outputs of one stack; secrets are masked."""
    from infra.operations.projects import resolve
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    with Workspace(load_settings(), report=note) as workspace:
        stack = resolve([name], workspace.estate, workspace.deployed_tenants())[0]
        values = workspace.engine.outputs(stack)
    if as_json:
        print_json(dict(values))
        return
    out.print(table("OUTPUT", "VALUE", rows=[(key, str(value)) for key, value in sorted(values.items())]))


def env() -> None:
    """Print shell exports with which plain `pulumi` commands reach the same stacks."""
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    with Workspace(load_settings(), report=note) as workspace:
        for name, value in sorted(workspace.plain_cli_environment().items()):
            typer.echo(f"export {name}={shlex.quote(value)}")


def doctor(prepare: Prepare = False, as_json: JsonOption = False) -> None:
    """Say what was found on this machine, and for what is missing, the remedy. Exits with 1 if something is missing."""
    from infra.operations.doctor import checks
    from infra.operations.plugins import prepare_engine
    from infra.settings import load_settings

    settings = load_settings()
    if prepare:
        prepare_engine(settings, report=note)
    found = checks(settings)
    if as_json:
        print_json({"checks": found})
    else:
        out.print(
            table(
                "", "CHECK", "FOUND", "REMEDY",
                rows=[("ok" if check.ok else "MISSING", check.name, check.detail, check.remedy) for check in found],
            )
        )  # fmt: skip
    if not all(check.ok for check in found):
        raise typer.Exit(1)
