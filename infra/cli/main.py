"""The `bulkhead` command: its groups of commands, and how errors and interrupts end it.

Exit codes: 0 done; 1 at least one stack failed; 2 bad usage or bad input, and nothing was changed; 3 changes where none
were expected; 70 an error of Bulkhead itself; 130 interrupted. Commands that judge an estate have codes of their own:
see `infra.cli.verdicts`.
"""

from __future__ import annotations

import os
import sys
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

from infra.cli import (
    audit,
    audit_log,
    can,
    capacity,
    certificate,
    explain,
    fleet,
    inspection,
    prove,
    publish,
    sandbox,
    serve,
    simulate,
    stacks,
)
from infra.cli.output import print_error
from infra.errors import UserError

app = typer.Typer(
    name="bulkhead",
    epilog="Start here: bulkhead sandbox up && bulkhead up platform && bulkhead status",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bulkhead {version('bulkhead')}")
        raise typer.Exit


@app.callback()
def bulkhead(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A multi-tenant MLOps platform on AWS: one platform stack, one stack a tenant."""
    del show_version


stacks.register(app)
inspection.register(app)
simulate.register(app)
explain.register(app)
audit.register(app)
capacity.register(app)
prove.register(app)
can.register(app)
serve.register(app)
fleet.register(app)
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(publish.app, name="review")
app.add_typer(certificate.app, name="certificate")
app.add_typer(audit_log.app, name="audit-log")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except UserError as error:
        print_error(error)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:  # noqa: BLE001 - Python's own code for it is 1, which is an answer of many commands
        traceback.print_exc()
        sys.exit(os.EX_SOFTWARE)


if __name__ == "__main__":
    main()
