"""`bulkhead sandbox`: the embedded cloud on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import JsonOption, note, out, print_json, table

if TYPE_CHECKING:
    from infra.sandbox import SandboxStatus

app = typer.Typer(help="The embedded cloud: AWS on this machine, at 127.0.0.1 only.", no_args_is_help=True)

Port = Annotated[int, typer.Option(min=0, max=65535, help="The port at 127.0.0.1; 0 takes a free one.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on a terminal.")]


@app.command(epilog="Example: bulkhead sandbox up --port 4566")
def up(port: Port = 0, as_json: JsonOption = False) -> None:
    """Start the sandbox, if it is not running yet."""
    from infra.operations.embedded import sandbox
    from infra.settings import load_settings

    _show(sandbox(load_settings()).up(port=port, progress=note), as_json=as_json)


@app.command(epilog="Example: bulkhead sandbox down")
def down(as_json: JsonOption = False) -> None:
    """Stop the sandbox; its cloud, which is kept in memory only, is gone then."""
    from infra.operations.embedded import sandbox
    from infra.settings import load_settings

    cloud = sandbox(load_settings())
    cloud.down()
    _show(cloud.status(), as_json=as_json)


@app.command(epilog="Example: bulkhead sandbox status --json")
def status(as_json: JsonOption = False) -> None:
    """Say whether the sandbox runs, and where. Exits with 1 if it does not."""
    from infra.operations.embedded import sandbox
    from infra.settings import load_settings

    found = sandbox(load_settings()).status()
    _show(found, as_json=as_json)
    if not found.healthy:
        raise typer.Exit(1)


@app.command(epilog="Example: bulkhead sandbox reset --yes")
def reset(yes: Yes = False, as_json: JsonOption = False) -> None:
    """Empty the sandbox's cloud; forget the local state of the stacks that were in it, and the service's tenants."""
    from infra.operations.embedded import sandbox
    from infra.service.reset import reset_home
    from infra.settings import load_settings

    settings = load_settings()
    if sys.stdin.isatty() and not yes:
        typer.confirm("Forget everything in the sandbox and the state of its stacks?", abort=True, err=True)
    reset_home(settings)
    _show(sandbox(settings).status(), as_json=as_json)


def _show(found: SandboxStatus, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    state = "running" if found.healthy else ("not answering" if found.running else "stopped")
    rows = [("state", state)]
    if found.running:
        rows += [("endpoint", found.endpoint_url or "-"), ("pid", str(found.pid)), ("log", str(found.log))]
    out.print(table("SANDBOX", "", rows=rows))
