"""What a plan does not fit in, as the failure of a step: which quota, what is left, who fits still, the request."""

from __future__ import annotations

from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.quotas.check import Checked
from infra.spec import PlatformSpec

#: The quotas of a cell: raising one helps, and so does another cell.
_OF_A_CELL = frozenset(
    {"interface_endpoints_per_vpc", "subnets_per_vpc", "rules_per_security_group", "route_tables_per_vpc"}
)


def refuse(checked: Checked, platform: PlatformSpec) -> None:
    """Raise for a plan that does not fit.

    Args:
        checked: What the check found.
        platform: The platform's spec, whose cells are named.

    Raises:
        StepFailed: quota, or capacity where a cell is full and another one helps.
    """
    if not checked.refusals:
        return
    message = "; ".join(map(str, checked.refusals))
    remedy = "; ".join(dict.fromkeys(each.remedy for each in checked.refusals))
    if all(each.place.quota in _OF_A_CELL for each in checked.refusals):
        cells = ", ".join(cell.name for cell in platform.cells)
        raise StepFailed(
            FailureClass.CAPACITY,
            message,
            f"open another cell in the platform's spec (there are {cells}) and bring the platform up, then name it in "
            f"network.cell; or: {remedy}",
        )
    raise StepFailed(FailureClass.QUOTA, message, remedy)
