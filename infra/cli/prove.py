"""`bulkhead prove`: whether any tenant can reach what is another's, over all requests, and by which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.destinations import require_folders, write_file
from infra.cli.estate_options import From, Owners, Stacks
from infra.cli.output import JsonOption, err, note, out
from infra.cli.slow import SlowProgress
from infra.cli.verdicts import JudgingCommand
from infra.errors import UserError

if TYPE_CHECKING:
    from infra.proof.report import Report

Cache = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Keeps what was proven, for the next run; delete it at any time."),
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown, as for a pull request.")]
Html = Annotated[Path | None, typer.Option(metavar="OUT", help="Write one HTML page that opens from disk.")]

_EXAMPLES = (
    "Example: bulkhead prove; bulkhead prove --from acme.json globex.json --json | jq .verdict; "
    "bulkhead prove --from exports/ --owners owners.yaml --html proof.html"
)
_EXIT_CODES = {"Proved": 0, "Leak": 1, "Unknown": 2}


class _ProveCommand(JudgingCommand):
    several = ("--from", "--stack")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=_EXAMPLES, cls=_ProveCommand)(prove)


def prove(
    from_: From = None,
    stack: Stacks = None,
    cache: Cache = None,
    owners: Owners = None,
    as_json: JsonOption = False,
    markdown: Markdown = False,
    html: Html = None,
) -> None:
    """Prove that no tenant can reach what is another's, over all requests and every chain of roles; or show how.

    Reads what the current backend holds; with --from, any Pulumi deployments or previews, whoever wrote the programs.
    Exits with 0 for Proved, 1 for Leak, 2 for Unknown, and 3 where the input cannot be read.
    """
    if as_json + markdown + (html is not None) > 1:
        raise UserError("--json, --markdown and --html exclude each other", remedy="give one of them")
    require_folders(html)
    from infra.operations.proving import Estate, prove_estate
    from infra.settings import load_settings

    with SlowProgress() as progress:
        estate = Estate.read(load_settings(), from_ or (), stacks=stack or (), owners=owners, report=note)
        report = prove_estate(estate, cache=cache, progress=progress)
    _show(report, as_json=as_json, markdown=markdown, html=html)
    raise typer.Exit(_EXIT_CODES[report.verdict.value])


def _show(report: Report, *, as_json: bool, markdown: bool, html: Path | None) -> None:
    from rich.text import Text

    from infra.proof import rendering

    if as_json:
        typer.echo(rendering.as_json(report))
    elif markdown:
        typer.echo(rendering.as_markdown(report), nl=False)
    elif html is not None:
        write_file(html, rendering.as_html(report))
        err.print(Text(f"{report.verdict.value}: see {html}"))
    else:
        for line in rendering.as_lines(report):
            out.print(Text(line.text, style=line.style))
