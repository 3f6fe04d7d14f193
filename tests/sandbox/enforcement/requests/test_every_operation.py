"""Every operation that botocore knows for the services in use is mapped, or it is in a table, with the reason.

The table is `unmapped_operations.txt`; what is in it is denied by name. To write it again:
``python -m tests.sandbox.enforcement.requests.test_every_operation``
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from moto.core.utils import get_service_model

from infra.evaluator.catalogue import AccessLevel, action
from infra.sandbox.enforcement.requests import Operation, Unmapped, required
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.plans import NoPlan, plan_of
from infra.sandbox.enforcement.requests.services import PREFIXES
from tests.sandbox.enforcement.requests.calls import REGION, Caller, Estate
from tests.sandbox.enforcement.requests.samples import parameters_of

TABLE = Path(__file__).with_name("unmapped_operations.txt")
_ESTATE = Estate(
    associations={
        "value": {"instance": "i-1", "network-interface": "eni-1", "route-table": "rtb-1", "subnet": "subnet-1"}
    }
)


@cache
def unmapped() -> dict[tuple[str, str], str]:
    """The operations that are not mapped, with the reason."""
    found: dict[tuple[str, str], str] = {}
    for service in PREFIXES:
        for operation in get_service_model(service).operation_names:
            plan = plan_of(service, operation)
            if isinstance(plan, NoPlan) and isinstance(_sample(service, operation), Unmapped):
                found[service, operation] = plan.why
    return found


def _sample(service: str, operation: str) -> object:
    call = Operation(service=service, name=operation, parameters=parameters_of(service, operation), region=REGION)
    return required(call, _ESTATE, Caller())


def counts() -> dict[str, tuple[int, int]]:
    """For each service how many of its operations are mapped, and how many there are."""
    names = {service: get_service_model(service).operation_names for service in PREFIXES}
    missing = [service for service, _ in unmapped()]
    return {service: (len(all_of) - missing.count(service), len(all_of)) for service, all_of in names.items()}


def table() -> str:
    """The table as it is written: for each service its numbers, and each operation that is not mapped."""
    lines: list[str] = []
    for service, (mapped, of) in counts().items():
        lines.append(f"{service}: {mapped} of {of} mapped")
        lines += [f"  {name}: {why}" for (of_service, name), why in unmapped().items() if of_service == service]
    return "\n".join(lines) + "\n"


def test_what_is_not_mapped_is_in_the_table() -> None:
    """A new version of botocore or of the reference changes the table, and so is looked at."""
    assert table() == TABLE.read_text()


def test_every_operation_that_reads_is_mapped_where_the_reference_knows_it() -> None:
    """What only shows metadata must work for whoever is allowed it."""
    for service, operation in unmapped():
        known = [action(PREFIXES[service], name) for name in actions_of(service, operation)]
        levels = {one.access_level for one in known if one is not None}
        assert not levels & {AccessLevel.LIST, AccessLevel.READ}, f"{service}:{operation} shows something"


def test_nearly_all_operations_are_mapped() -> None:
    mapped = sum(number for number, _ in counts().values())
    of = sum(number for _, number in counts().values())
    assert mapped / of > 0.95


def test_an_operation_without_a_plan_is_denied_by_name() -> None:
    """The twin: the table is not empty, and what is in it is unmapped with its name."""
    (service, operation), _ = next(iter(unmapped().items()))
    found = _sample(service, operation)
    assert isinstance(found, Unmapped)
    assert (found.service, found.operation) == (service, operation)


if __name__ == "__main__":
    TABLE.write_text(table())
