"""`bulkhead capacity`: how much of AWS's quotas is used, how many more tenants fit, and what N more would need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.output import JsonOption, note, out, print_json, table

if TYPE_CHECKING:
    from infra.quotas.plan import AccountPlan, Plan
    from infra.quotas.report import Capacity, Cells, Row

Tenants = Annotated[
    int | None,
    typer.Option("--tenants", "-n", metavar="N", min=1, help="Plan for so many more tenants: accounts, cells, cost."),
]
TierOption = Annotated[str, typer.Option("--tier", metavar="TIER", help="The tier of these tenants: pool or silo.")]
PerAccount = Annotated[
    int | None,
    typer.Option("--per-account", metavar="N", min=1, help="Put at most so many of these tenants into any account."),
]
PrintPolicy = Annotated[
    bool, typer.Option("--print-policy", help="Print the IAM policy that reading the capacity needs, and read nothing.")
]

_EXAMPLES = (
    "Example: bulkhead capacity; bulkhead capacity --tenants 50 --tier pool; "
    "bulkhead capacity -n 500 --per-account 100; "
    "bulkhead capacity -n 200 --tier silo --json | jq -r '.plan.accounts[].raises[].request'"
)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog=_EXAMPLES)(capacity)


def capacity(
    tenants: Tenants = None,
    tier: TierOption = "pool",
    per_account: PerAccount = None,
    print_policy: PrintPolicy = False,
    as_json: JsonOption = False,
) -> None:
    """Show AWS's quotas with their use, and how many more tenants fit; plan for more of them.

    A limit is the account's own where Service Quotas tells it, else that of the platform's spec (quotas), else AWS's
    default. What a tenant takes is counted from the stacks of its tier that are deployed. A plan opens cells first,
    then has AWS raise quotas, then opens accounts; it names every request, and makes none.

    --json prints one document: account, region, date, quotas, tiers, cells, not_read and plan.
    """
    if print_policy:
        from infra.policies.reading import reading_capacity

        print_json(reading_capacity().to_json())
        return
    from infra.cli.slow import SlowProgress
    from infra.operations.capacity import basis
    from infra.operations.workspace import Workspace
    from infra.quotas.report import capacity as report
    from infra.settings import load_settings

    with Workspace(load_settings(), report=note) as workspace, SlowProgress() as progress:
        found = report(basis(workspace, said=progress), tenants=tenants, tier=tier, per_account=per_account)
    if as_json:
        print_json(found)
        return
    show(found)


def show(found: Capacity) -> None:
    """Print the quotas, how many more tenants fit, and the plan.

    Args:
        found: The capacity.
    """
    tiers = [each.tier for each in found.tiers]
    out.print(
        table(
            "QUOTA", "OF", "LIMIT", "USED", "LEFT", *(f"A {tier.upper()}" for tier in tiers), "LIMIT IS",
            rows=[_cells(row, tiers) for row in found.quotas],
            title=f"account {found.account} in {found.region}; defaults of {found.date}",
        )
    )  # fmt: skip
    out.print()
    out.print(
        table(
            "TIER", "MORE FIT", "WITH NEW CELLS", "LIMITED BY", "USD A MONTH", "COUNTED FROM",
            rows=[
                (
                    each.tier,
                    _number(each.fit, "any number"),
                    _number(each.fit_with_cells, "any number"),
                    each.tightest,
                    f"{each.usd_month:,.2f}",
                    each.counted,
                )
                for each in found.tiers
            ],
        )
    )  # fmt: skip
    out.print()
    out.print(_cells_line(found.cells), markup=False)
    for quota, why in sorted(found.not_read.items()):
        out.print(f"not read: {quota}: {why}", style="dim", markup=False)
    if found.plan is not None:
        out.print()
        for line in _plan(found.plan):
            out.print(line, markup=False)


def _cells(row: Row, tiers: list[str]) -> tuple[str, ...]:
    return (
        row.quota,
        row.at or "-",
        _number(row.limit),
        _number(row.used),
        _number(row.left),
        *(str(row.by_tier.get(tier, 0)) for tier in tiers),
        row.origin.value,
    )


def _cells_line(cells: Cells) -> str:
    """How many cells there are, and how many may still be opened."""
    there = f"{_many(cells.deployed, 'cell')} deployed"
    if not cells.spare:
        return f"{there}, and none may be opened: the platform's spec lists no spare_cells"
    how = "by the service, which MORE FIT counts with" if cells.automatically else "by hand (open_cells: by_hand)"
    fit = "" if cells.to_open == cells.spare else f", of which {cells.to_open} fit in the account's quotas"
    return f"{there}, and {cells.spare} more may be opened {how}{fit}"


def _number(value: int | None, unknown: str = "?") -> str:
    return unknown if value is None else str(value)


def _plan(plan: Plan) -> Iterator[str]:
    accounts = sum(each.accounts for each in plan.accounts)
    yield (
        f"{plan.tenants} more tenants of tier {plan.tier}: {_many(accounts, 'account')}, "
        f"{plan.usd_month:,.2f} USD a month more, and usage on top; {_number(plan.fit_now, 'any number')} fit as it is"
    )
    if plan.accounts_without_raises is None:
        yield "with no quota raised they fit in no number of accounts"
    elif plan.accounts_without_raises != accounts:
        yield f"with no quota raised it would take {_many(plan.accounts_without_raises, 'account')}"
    for each in plan.accounts:
        yield from _account(each)
    if plan.not_known:
        yield f"not counted with, as limit or use are not known: {', '.join(plan.not_known)}"


def _account(each: AccountPlan) -> Iterator[str]:
    where = f"{_many(each.accounts, 'new account')}, in each" if each.new else "this account"
    yield f"{where}: {_many(each.tenants, 'tenant')}, {_many(each.cells, 'new cell')}"
    for one in each.raises:
        yield f"  {one.name}: {one.limit} -> {one.wanted}"
        yield f"    {one.request}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
