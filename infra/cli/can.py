"""`bulkhead who-can` and `bulkhead can`: who can do something, and what somebody can do, chains of roles included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from infra.cli.estate_options import From, Owners, Stacks
from infra.cli.output import JsonOption, note, out, print_json, table
from infra.cli.slow import SlowProgress
from infra.cli.verdicts import JudgingCommand

if TYPE_CHECKING:
    from infra.proof.queries import Access

Action = Annotated[str, typer.Argument(metavar="ACTION", help="service:Action, with wildcards: s3:GetObject, 's3:*'.")]
Resource = Annotated[
    str,
    typer.Argument(metavar="RESOURCE", help="An ARN, or the last part of one, with wildcards; objects by their ARN."),
]
Principal = Annotated[str, typer.Argument(metavar="PRINCIPAL", help="A role or user: its ARN or name, with wildcards.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        "who-can",
        epilog="Example: bulkhead who-can s3:GetObject arn:aws:s3:::acme-data/x; "
        "bulkhead who-can 'kms:*' acme-key --from exports/ --json",
        cls=JudgingCommand,
    )(who_can)
    app.command(
        epilog="Example: bulkhead can bh-dev-acme-deploy; bulkhead can '*-training' --json", cls=JudgingCommand
    )(can)


def who_can(
    action: Action,
    resource: Resource,
    from_: From = None,
    stack: Stacks = None,
    owners: Owners = None,
    as_json: JsonOption = False,
) -> None:
    """List everybody who can do something to a resource, by themselves or by becoming somebody else first.

    Conditions count as fulfilled where the caller can choose them. Exits with 3 where the input cannot be read.
    """
    from infra.operations.proving import Estate
    from infra.proof import queries
    from infra.proof.world import World
    from infra.settings import load_settings

    with SlowProgress() as progress:
        estate = Estate.read(load_settings(), from_ or (), stacks=stack or (), owners=owners, report=note)
        found = queries.who_can(World(estate.facts()), action, resource, progress)
    _show(found, as_json=as_json, by=_resource)


def can(
    principal: Principal,
    from_: From = None,
    stack: Stacks = None,
    owners: Owners = None,
    as_json: JsonOption = False,
) -> None:
    """List everything that a role or user can do to what is there, by itself or by becoming somebody else first.

    Conditions count as fulfilled where the caller can choose them. Exits with 3 where the input cannot be read.
    """
    from infra.operations.proving import Estate
    from infra.proof import queries
    from infra.proof.world import World
    from infra.settings import load_settings

    with SlowProgress() as progress:
        estate = Estate.read(load_settings(), from_ or (), stacks=stack or (), owners=owners, report=note)
        found = queries.can(World(estate.facts()), principal, progress)
    _show(found, as_json=as_json, by=_principal)


def _show(found: Sequence[Access], *, as_json: bool, by: Callable[[Access], str]) -> None:
    """Print what was found, in a table for each principal or resource."""
    if as_json:
        print_json({"access": [as_document(one) for one in found]})
        return
    if not found:
        note("no policy allows it")
        return
    doubts = {
        doubt: number for number, doubt in enumerate(dict.fromkeys(filter(None, (one.doubt for one in found))), 1)
    }
    other = "RESOURCE" if by is _principal else "PRINCIPAL"
    for title in dict.fromkeys(map(by, found)):
        rows = list(_rows([one for one in found if by(one) == title], other, doubts))
        made = table("ACTIONS", other, "OF", "BY BECOMING", "WRITTEN IN", rows=rows, title=title)
        for column in made.columns:
            column.overflow = "fold"
        out.print(made)
        out.print()
    for doubt, number in doubts.items():
        out.print(f"[{number}] not certain: {doubt}", markup=False)


def _principal(one: Access) -> str:
    return f"{one.principal} ({one.owner or 'nobody'}'s)"


def _resource(one: Access) -> str:
    return f"{one.resource} ({one.resource_owner or 'nobody'}'s)"


def _rows(found: Iterable[Access], other: str, doubts: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """A row for all actions that are allowed the same way."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        name, owner = (one.resource, one.resource_owner) if other == "RESOURCE" else (one.principal, one.owner)
        written = dict.fromkeys(f"{each.file}:{each.line}" if each.file else each.policy for each in one.statements)
        place = f"not certain [{doubts[one.doubt]}]" if one.doubt else ", ".join(written)
        rows.setdefault((name, owner or "-", ", then ".join(one.via) or "-", place), []).append(one.action)
    for row, actions in rows.items():
        yield ", ".join(actions), *row


def as_document(one: Access) -> dict[str, object]:
    """An access as the documented JSON form of the command line."""
    import msgspec

    return cast("dict[str, object]", msgspec.to_builtins(one))
