"""The matrix tenants x tenants of what was tried live: in the terminal, and as a page that opens from disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.table import Table
from rich.text import Text

from infra.demo.attempts import Attempt

_TEMPLATE = "isolation_matrix.html.jinja"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one actor tried on one owner's resources.

    Args:
        actor: Who tried.
        owner: Whose resources.
        attempts: What was tried.
    """

    actor: str
    owner: str
    attempts: Sequence[Attempt]

    @property
    def own(self) -> bool:
        """Whether the resources are the actor's."""
        return self.actor == self.owner

    @property
    def good(self) -> bool:
        """Whether every attempt ended as it should."""
        return all(attempt.as_it_should_be for attempt in self.attempts)

    @property
    def summary(self) -> str:
        """The cell in a few characters."""
        wanted = "allowed" if self.own else "denied"
        count = sum(attempt.as_it_should_be for attempt in self.attempts)
        return f"{count} of {len(self.attempts)} {wanted}"


def cells(attempts: Sequence[Attempt]) -> list[list[Cell]]:
    """The matrix: a row an actor, a column an owner, in the order in which they were tried."""
    owners = list(dict.fromkeys(attempt.owner for attempt in attempts))
    actors = list(dict.fromkeys(attempt.actor for attempt in attempts))
    return [
        [
            Cell(
                actor=actor,
                owner=owner,
                attempts=[each for each in attempts if (each.actor, each.owner) == (actor, owner)],
            )
            for owner in owners
        ]
        for actor in actors
    ]


def table(rows: Sequence[Sequence[Cell]]) -> Table:
    """The matrix for the terminal: blue is one's own, green a wall that held, red one that did not."""
    made = Table(title="Tried live: who reaches whose resources", title_justify="left", header_style="bold")
    made.add_column("BY")
    for cell in rows[0]:
        made.add_column(f"{cell.owner}'s")
    for row in rows:
        made.add_row(row[0].actor, *(Text(cell.summary, style=_style(cell)) for cell in row))
    return made


def _style(cell: Cell) -> str:
    if not cell.good:
        return "bold white on red"
    return "white on blue" if cell.own else "black on green"


def write_page(rows: Sequence[Sequence[Cell]], path: Path) -> None:
    """Write the matrix, with each attempt and its answer, as one HTML file without anything from elsewhere."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    path.write_text(environment.get_template(_TEMPLATE).render(rows=rows), encoding="utf-8")
