"""What a tenant left is found and removed, of every kind; its neighbour, whose id extends its own, keeps everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from infra.erasure import inventory, removal
from infra.erasure.inventory import Inventory
from infra.erasure.kinds import EMBEDDED
from infra.erasure.ownership import Owner
from infra.sandbox.moto_extensions import registry
from tests.erasure import populated
from tests.erasure.populated import ACME, NEIGHBOUR


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]  used by its name
    registry.apply()
    with mock_aws():
        yield


def _take(owner: Owner) -> Inventory:
    return inventory.take(populated.account(), owner, EMBEDDED)


def _said(found: Inventory) -> set[tuple[str, str, int]]:
    return {(item.kind, item.id, item.count) for item in found.items}


def test_an_account_without_the_tenant_has_an_empty_inventory() -> None:
    assert _take(ACME) == Inventory(())


def test_everything_is_found_and_removed_and_the_neighbour_keeps_everything() -> None:
    ids = populated.populate(ACME)
    populated.populate(NEIGHBOUR)
    neighbours = _said(_take(NEIGHBOUR))
    before = _take(ACME)
    kinds = {item.kind for item in before.items}
    print(sorted({k.name for k in EMBEDDED} - kinds), before.not_read)
    results = removal.remove(populated.account(), before, kinds=EMBEDDED)
    print([r for r in results if r.outcome not in ("removed",)])
    after = _take(ACME)
    print(after)
    assert after.empty
    assert _said(_take(NEIGHBOUR)) == neighbours
