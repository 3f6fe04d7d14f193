"""What the demo shows at its end: what exists, what was predicted, what it would cost a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from infra.cli.output import out, table
from infra.demo import isolation_matrix
from infra.demo.isolation_matrix import Cell
from infra.demo.predictions import Prediction
from infra.engine import StackRef, StackResult
from infra.operations.inventory import StackInventory, inventory
from infra.operations.workspace import Workspace


def show(
    workspace: Workspace,
    runs: Mapping[StackRef, Sequence[StackResult]],
    predictions: Sequence[Prediction],
    matrix: Sequence[Sequence[Cell]],
    seconds: float,
) -> None:
    """Print the tables.

    Args:
        workspace: What the stacks are in.
        runs: Each stack with the runs that brought it up.
        predictions: What the endpoints answered.
        matrix: What each tenant tried on whose resources.
        seconds: How long the whole demo took.
    """
    held = {stack: inventory(workspace, stack) for stack in runs}
    out.print()
    out.print(
        table(
            "STACK", "RESOURCES", "CHANGED", "KINDS", "USD A MONTH",
            rows=[
                (
                    stack.stack,
                    str(held[stack].resources),
                    _changed(results),
                    _kinds(held[stack]),
                    f"{held[stack].estimate.usd_month:,.2f}",
                )
                for stack, results in runs.items()
            ],
            title="What exists",
        )
    )  # fmt: skip
    out.print()
    out.print(
        table(
            "TENANT", "ENDPOINT", "ROWS", "FIRST ANSWER", "OVER ALL ROWS",
            rows=[(made.tenant, made.endpoint, str(made.rows), made.example, made.quality) for made in predictions],
            title="What was predicted, each with the tenant's own credentials",
        )
    )  # fmt: skip
    out.print()
    total = sum(each.estimate.usd_month for each in held.values())
    out.print(f"On AWS that would cost {total:,.2f} USD a month:", markup=False)
    for note in dict.fromkeys(note for each in held.values() for note in each.estimate.notes):
        out.print(f"  {note}", markup=False)
    out.print()
    out.print(isolation_matrix.table(matrix))
    out.print()
    changed = any(result.changed for results in runs.values() for result in results)
    out.print(f"{'Everything is up.' if changed else 'No changes: everything was up already.'} {seconds:.0f} s")
    out.print("Look around: .venv/bin/bulkhead status    Stop: .venv/bin/bulkhead sandbox down", markup=False)


def _changed(results: Sequence[StackResult]) -> str:
    counts: Counter[str] = Counter()
    for result in results:
        counts.update({op: count for op, count in result.summary.items() if op != "same"})
    return ", ".join(f"{count} {op}d" for op, count in counts.items() if count) or "nothing"


def _kinds(held: StackInventory) -> str:
    first = [f"{count} {service}" for service, count in list(held.services.items())[:6]]
    return ", ".join(first) + (" ..." if len(held.services) > len(first) else "")
