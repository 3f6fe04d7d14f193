"""`bulkhead audit-log`: who asked the service for what, and whether that log is what was written.

Exit codes of `verify`: 0 the chain holds; 1 it does not; 2 nothing could be read.
"""

from __future__ import annotations

from typing import Annotated

import typer

from infra.cli.output import JsonOption, out, print_json, table

app = typer.Typer(
    help="The service's audit log: append-only, each entry with the hash of the one before.",
    epilog="Example: bulkhead audit-log verify; bulkhead audit-log list --subject tenants/acme",
    no_args_is_help=True,
)

Head = Annotated[
    str | None, typer.Option(metavar="HASH", help="The hash of an entry that was kept elsewhere when it was the last.")
]
After = Annotated[int, typer.Option(min=0, help="Only entries after this number.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")]
Subject = Annotated[str | None, typer.Option(help="Only entries about this: tenants/acme.")]


@app.callback()
def audit_log() -> None:
    """The service's audit log."""


@app.command(epilog="Example: bulkhead audit-log verify --head 5f2c... --json")
def verify(head: Head = None, as_json: JsonOption = False) -> None:
    """Verify that no entry was changed, left out or put in between.

    Who can write to the database could write all of the log anew, or cut off its end: keep the hash that this prints
    somewhere else, and give it the next time as --head. Exits with 0 where the chain holds, 1 where it does not, and 2
    where nothing can be read.
    """
    from infra.service.audit_trail import verify_trail
    from infra.service.settings import load_service_settings
    from infra.settings import load_settings
    from infra.store.audit_log import Intact

    found = verify_trail(load_settings(), load_service_settings(), head)
    intact = isinstance(found, Intact)
    if as_json:
        document = {"entries": found.entries, "head": found.head} if intact else vars(found)
        print_json({"intact": intact, **document})
    elif isinstance(found, Intact):
        out.print(f"intact: {found.entries} entries, head {found.head}", markup=False, highlight=False)
    else:
        out.print(f"broken at entry {found.sequence}: {found.why}", markup=False, highlight=False)
    if not intact:
        raise typer.Exit(1)


@app.command(name="list", epilog="Example: bulkhead audit-log list --subject tenants/acme")
def list_entries(after: After = 0, subject: Subject = None, limit: Limit = 100, as_json: JsonOption = False) -> None:
    """List entries in their order."""
    from infra.service.audit_trail import read_trail
    from infra.service.settings import load_service_settings
    from infra.settings import load_settings

    found = read_trail(load_settings(), load_service_settings(), after=after, subject=subject, limit=limit)
    if as_json:
        print_json([vars(entry) for entry in found])
        return
    rows = [
        (str(e.sequence), e.at.isoformat(timespec="seconds"), e.actor, e.action, e.subject, e.outcome) for e in found
    ]
    out.print(table("#", "AT", "WHO", "ACTION", "ON", "OUTCOME", rows=rows))
