"""`bulkhead audit`: what is live, read from the account, against the stacks; and whether it isolates the tenants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.destinations import require_folders, write_file
from infra.cli.output import JsonOption, note, out, print_json

if TYPE_CHECKING:
    from rich.text import Text

    from infra.live import Difference
    from infra.live.report import Audit

Tenants = Annotated[
    list[str] | None,
    typer.Option("--tenant", metavar="ID", help="Tell only what is about this tenant; may be given several times."),
]
KnownFile = Annotated[
    Path | None,
    typer.Option(
        "--known",
        metavar="FILE",
        help="YAML: ARNs, with * and ?, to the reasons why no stack has them: what the account's owners made.",
    ),
]
PrintPolicy = Annotated[
    bool, typer.Option("--print-policy", help="Print the IAM policy that an audit needs, and audit nothing.")
]
Markdown = Annotated[Path | None, typer.Option("--markdown", metavar="OUT", help="Write a Markdown report there.")]

_EXAMPLES = (
    "Example: bulkhead audit; bulkhead audit --tenant acme --json | jq '.differences[]'; "
    "bulkhead audit --known known.yaml --markdown audit.md; bulkhead audit --print-policy > audit-policy.json"
)
_STYLES = {"drifted": "yellow", "missing": "red", "undeclared": "magenta"}
_LONGEST = 400


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=_EXAMPLES)(audit)


def audit(
    tenant: Tenants = None,
    known: KnownFile = None,
    as_json: JsonOption = False,
    markdown: Markdown = None,
    print_policy: PrintPolicy = False,
) -> None:
    """Read the live account, prove its policies, and tell what differs from the stacks' state.

    drifted: a stack has it, and it is otherwise; policies are compared by what they say, not how they are written.
    missing: a stack has it, and the account does not. undeclared: the account has it, and no stack: a role, a policy
    on a known role, a grant of a key, a bucket's policy, an endpoint, an access key.

    Exits with 0 where nothing differs and isolation is proven, 1 where something leaks, 2 where something that matters
    is not known or could not be read (and for bad usage), and 3 where something differs and isolation is proven.

    --json prints one document of the shape in docs/schema/audit.schema.json: verdict, differences, expected, not_read,
    from_state, unused, proof (as `bulkhead prove --json` prints it), account, region, resources, alike and seconds.

    Only reads are made: by the credentials of the environment, and where those are denied by the provisioning role,
    held to reading. Who audits needs the policy that --print-policy prints, and to be among those whom the platform's
    spec trusts with provisioning.
    """
    if print_policy:
        from infra.policies.reading import reading

        print_json(reading().to_json())
        return
    from infra.cli.slow import SlowProgress
    from infra.live import read_known
    from infra.live.report import exit_code
    from infra.operations.audit import audit as run
    from infra.operations.workspace import Workspace
    from infra.settings import load_settings

    require_folders(markdown)
    declared = read_known(known) if known else None
    with Workspace(load_settings(), report=note) as workspace, SlowProgress() as progress:
        found = run(workspace, known=declared, tenants=tenant or (), said=progress)
    if markdown is not None:
        from infra.live.markdown import as_markdown

        write_file(markdown, as_markdown(found))
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for line in _lines(found):
            out.print(line)
    raise typer.Exit(exit_code(found))


def _lines(found: Audit) -> Iterator[Text]:
    from rich.text import Text

    from infra.proof.rendering import as_lines

    for line in as_lines(found.proof):
        yield Text(line.text, style=line.style)
    yield Text()
    yield from (_printable(line) for line in _account(found))


def _account(found: Audit) -> Iterator[Text]:
    from rich.text import Text

    counts = ", ".join(f"{sum(each.kind.value == kind for each in found.differences)} {kind}" for kind in _STYLES)
    yield Text(
        f"account {found.account} in {found.region}: {found.resources} resources, {found.alike} as their stacks have "
        f"them; {counts}",
        style="bold",
    )
    for difference in found.differences:
        yield from _difference(difference)
    for each in found.not_read:
        what = f"{each.type} {each.resource}".strip()
        needed = f"give {each.action} ({each.why})" if each.action else each.why
        yield Text(f"not read    {what}: {needed}", style="yellow" if each.matters else "dim")
    for each in found.expected:
        yield Text(f"expected    {each.resources}: {each.rule}", style="dim")
    for pattern in found.unused:
        yield Text(f"not met     {pattern} is declared as known: remove the entry", style="yellow")
    if found.from_state:
        total = sum(each.resources for each in found.from_state)
        types = len(found.from_state)
        yield Text(f"from state  {total} resources of {types} types are in the proof as stacks have them", style="dim")


def _difference(found: Difference) -> Iterator[Text]:
    from rich.text import Text

    kind = found.kind.value
    name = found.type.rpartition(":")[2]
    owner = f" of {found.owner}" if found.owner else ""
    yield Text.assemble((f"{kind:<11} ", _STYLES[kind]), (f"{name} {found.id}", "bold"), f"{owner}: {found.why}")
    if found.urn:
        place = f" ({found.file}:{found.line})" if found.file else ""
        yield Text(f"            {found.urn}{place}", style="dim")
    for mark, texts in (("-", found.declared), ("+", found.live)):
        for text in texts:
            shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
            yield Text(f"            {mark} {shown}", style="dim")


def _printable(line: Text) -> Text:
    """What was read is text that somebody else wrote: nothing in it moves the terminal."""
    if line.plain.isprintable():
        return line
    from rich.text import Text

    return Text("".join(char if char.isprintable() else " " for char in line.plain), style=line.style)
