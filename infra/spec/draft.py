"""A draft of the estate: the specs that parsed, with their origins, for the rules that compare them with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from infra.spec.common import SpecModel
from infra.spec.errors import SpecProblem
from infra.spec.origin import Origin
from infra.spec.platform import Cell, PlatformSpec
from infra.spec.tenant import TenantSpec

M = TypeVar("M", bound=SpecModel)


@dataclass(frozen=True, kw_only=True)
class Loaded(Generic[M]):
    """A spec and where its values came from."""

    spec: M
    origin: Origin

    def problem(self, *path: str | int, message: str, remedy: str) -> SpecProblem:
        """A problem of the value at `path` of this spec; one in a tier's defaults says whose spec has it from there."""
        problem = self.origin.problem(tuple(path), message, remedy)
        own = self.origin.own.file
        return problem if problem.file == own else replace(problem, message=f"{message} (for {own.stem})")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The platform and the tenants that are to be deployed together, before the rules have passed them.

    Attributes:
        whole: Whether all tenants are there, so that one that is not does not exist.
    """

    platform: Loaded[PlatformSpec]
    tenants: tuple[Loaded[TenantSpec], ...]
    whole: bool = True

    def cell(self, tenant: TenantSpec) -> Cell | None:
        """The cell of a tenant of tier pool, if the platform has it."""
        if tenant.tier != "pool":
            return None
        return next((cell for cell in self.platform.spec.cells if cell.name == tenant.network.cell), None)

    def every_cell(self) -> Iterator[tuple[str, int, Cell]]:
        """The open and the spare cells, each with the key and position at which it stands in the platform's spec."""
        platform = self.platform.spec
        for key, cells in (("cells", platform.cells), ("spare_cells", platform.spare_cells)):
            yield from ((key, index, cell) for index, cell in enumerate(cells))

    def in_cell(self, cell: Cell) -> tuple[Loaded[TenantSpec], ...]:
        """The tenants whose subnets are in `cell`."""
        return tuple(tenant for tenant in self.tenants if self.cell(tenant.spec) == cell)

    def silos(self) -> tuple[Loaded[TenantSpec], ...]:
        """The tenants that have a VPC of their own."""
        return tuple(tenant for tenant in self.tenants if tenant.spec.tier == "silo")
