"""How many cells may still be opened, and that those which the service opens by itself count as room."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pytest

from infra.cli.capacity import show
from infra.quotas.basis import Basis
from infra.quotas.limits import Limits
from infra.quotas.report import Capacity, capacity
from infra.spec.platform import Cell
from tests.quotas.samples import REGION, basis


def _spare(count: int) -> tuple[Cell, ...]:
    return tuple(Cell(name=f"spare{each}", cidr=IPv4Network(f"10.{100 + each}.0.0/16")) for each in range(count))


def _with(spare: int, opening: str, **declared: int) -> Basis:
    found = basis("acme", limits=Limits(region=REGION, spec=declared))
    changed: dict[str, Any] = {"spare_cells": _spare(spare), "open_cells": opening}
    return replace(found, spec=found.spec.model_copy(update=changed))


def _fit(found: Capacity) -> int | None:
    return next(each.fit for each in found.tiers if each.tier == "pool")


#: More of the quotas that bound tenants before cells do.
_WIDE = {"gateway_endpoints_per_region": 1000}


def test_cells_that_are_opened_by_hand_are_no_room_yet() -> None:
    by_hand, none = capacity(_with(2, "by_hand", **_WIDE)), capacity(_with(0, "by_hand", **_WIDE))
    assert _fit(by_hand) == _fit(none)
    assert (by_hand.cells.spare, by_hand.cells.to_open, by_hand.cells.automatically) == (2, 2, False)


def test_cells_that_the_service_opens_are_room() -> None:
    """21 more in the cell of acme, and 22 in each of two others, while the account's other quotas let them."""
    wide = {**_WIDE, "iam_roles": 100_000, "iam_policies": 100_000, "vpcs_per_region": 100}
    none, two = capacity(_with(0, "automatically", **wide)), capacity(_with(2, "automatically", **wide))
    here, there = _fit(none), _fit(two)
    assert here is not None
    assert there is not None
    assert here < there <= here + 44
    assert two.cells.automatically


def test_more_than_the_account_holds_are_not_promised(capsys: pytest.CaptureFixture[str]) -> None:
    """Five VPCs, of which the platform has one: four of nine spare cells."""
    found = capacity(_with(9, "automatically", **_WIDE))
    assert (found.cells.deployed, found.cells.spare, found.cells.to_open) == (1, 9, 4)
    show(found)
    shown = " ".join(capsys.readouterr().out.split())
    assert "9 more may be opened by the service" in shown
    assert "of which 4 fit in the account's quotas" in shown
