"""`bulkhead explain`: why the embedded cloud allowed or refused a request, check by check, with the statements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.output import JsonOption, out, print_json

if TYPE_CHECKING:
    from rich.text import Text

Which = Annotated[
    str, typer.Argument(metavar="LAST|REQUEST-ID", help="The last request that was refused, or one by its id.")
]

_STYLES = {"Allowed": "green", "ExplicitlyDenied": "red", "ImplicitlyDenied": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Example: bulkhead explain LAST; bulkhead explain 1f0c9a5e-... --json")(explain)


def explain(which: Which = "LAST", as_json: JsonOption = False) -> None:
    """Say who asked for what, which layer decided, by which statements, and what is missing.

    The id is what AWS's SDKs call RequestId: in boto3 error.response["ResponseMetadata"]["RequestId"].
    """
    from infra.operations.embedded import decision
    from infra.settings import load_settings

    found = decision(load_settings(), which)
    if as_json:
        print_json(found)
        return
    for line in _lines(found):
        out.print(line)


def _lines(found: Mapping[str, Any]) -> Iterator[Text]:
    from rich.text import Text

    outcome = found["outcome"]
    yield Text.assemble(
        (outcome, f"bold {'green' if outcome == 'Allowed' else 'red'}"),
        f"  {found['service'] or 'unknown service'} {found['operation'] or 'unknown operation'}",
        (f"  {found['region'] or ''}  {found['time']}", "dim"),
    )
    for name in ("request_id", "caller", "role", "endpoint"):
        if found.get(name):
            yield Text(f"{name.replace('_', ' '):<11}{found[name]}")
    if found.get("code"):
        yield Text(f"{'answer':<11}{found['status']} {found['code']}: {found['message']}")
    checks = found["checks"]
    for number, check in enumerate(checks, start=1):
        yield Text()
        yield from _check(check, f"{number} of {len(checks)}")


def _check(check: Mapping[str, Any], place: str) -> Iterator[Text]:
    from rich.text import Text

    yield Text.assemble(
        (f"check {place}: ", "dim"),
        (f"{check['action']}", "bold"),
        f" on {check['resource']}: ",
        (check["decision"], _STYLES[check["decision"]]),
        f" by {check['layer']}",
    )
    if check.get("principal"):
        yield Text(f"  asked by   {check['principal']}")
    if check.get("via"):
        yield Text(f"  through    {check['via']}, on the caller's behalf")
    yield Text(f"  why        {check['reason']}")
    if check.get("missing"):
        yield Text(f"  missing    {check['missing']}")
    for statement in check["statements"]:
        yield Text(f"  statement  {statement['ref']} ({statement['layer']})")
        if "text" in statement:
            yield Text("\n".join(f"    {line}" for line in json.dumps(statement["text"], indent=2).splitlines()))
    if check["context"]:
        yield Text("  context")
        width = max(map(len, check["context"]))
        for key, value in check["context"].items():
            yield Text(f"    {key:<{width}}  {value if isinstance(value, str) else json.dumps(value)}", style="dim")
