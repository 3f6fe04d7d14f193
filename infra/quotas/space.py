"""How many tenants fit: what is left of each quota, less what a tenant takes of it and what new cells take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from infra.quotas.counting import Counts, Place

#: More tenants than any account holds: what nothing bounds is bounded by this.
_BEYOND = 1 << 20


@dataclass(frozen=True, kw_only=True)
class NewCell:
    """A cell that may be opened.

    Args:
        takes: What it uses of the quotas of the account and Region.
        holds: How many tenants it holds, at least 1.
        at_most: How many such cells may be opened; None for as many as the quotas let.
    """

    takes: Counts
    holds: int
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Space:
    """The space for tenants of one tier in one account.

    Args:
        left: What is left of each quota of the account and Region; what is missing here bounds nothing.
        takes: What a tenant uses of them.
        in_cells: How many more tenants the cells hold that are there; None where tenants of the tier are in no cells.
        new_cell: The cells that may be opened; None where none may.
    """

    left: Mapping[Place, int]
    takes: Counts
    in_cells: int | None = None
    new_cell: NewCell | None = None

    def cells_for(self, tenants: int) -> int:
        """How many cells must be opened for so many more tenants."""
        if self.in_cells is None or self.new_cell is None:
            return 0
        return -(-max(0, tenants - self.in_cells) // self.new_cell.holds)

    def needed(self, tenants: int) -> Counter[Place]:
        """What so many more tenants use, with the cells that are opened for them."""
        found = Counter({place: tenants * count for place, count in self.takes.items()})
        cells = self.cells_for(tenants)
        if cells and self.new_cell is not None:
            found.update({place: cells * count for place, count in self.new_cell.takes.items()})
        return found

    def holds(self, tenants: int) -> bool:
        """Whether so many more tenants fit."""
        if self.in_cells is not None and self.new_cell is None and tenants > self.in_cells:
            return False
        most = None if self.new_cell is None else self.new_cell.at_most
        if most is not None and self.cells_for(tenants) > most:
            return False
        return all(count <= self.left[place] for place, count in self.needed(tenants).items() if place in self.left)

    def fit(self) -> int | None:
        """How many more tenants fit; None where no quota that is known bounds them."""
        if self.holds(_BEYOND):
            return None
        low, high = 0, _BEYOND
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if self.holds(middle) else (low, middle)
        return low

    def tightest(self) -> str:
        """The quota that the first tenant too many breaks; empty where none does."""
        fit = self.fit()
        if fit is None:
            return ""
        over = [
            place for place, count in self.needed(fit + 1).items() if place in self.left and count > self.left[place]
        ]
        return str(min(over)) if over else "the cells"
