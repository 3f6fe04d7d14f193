"""Spare cells: their ranges are kept free, their names are theirs, and no tenant is in one before it is open."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from infra.gitops.place import SpecConflict, etag
from infra.gitops.platform_file import PlatformFile, with_cell
from infra.spec import load_platform
from tests.unit.spec.estates import Files, tenant

_SECOND = {"name": "second", "cidr": "10.65.0.0/16"}

_TEXT = """\
cells:
  - name: main  # the first
    cidr: 10.64.0.0/16
# To be opened later.
spare_cells:
  - name: second
    cidr: 10.65.0.0/16  # reserved
  - {name: third, cidr: 10.66.0.0/16}
cost_center: ml  # stays
"""


def test_by_default_there_are_none_and_none_is_opened(files: Files) -> None:
    platform = files.load().platform
    assert (platform.spare_cells, platform.open_cells) == ((), "by_hand")


def test_they_are_no_cells_yet(files: Files) -> None:
    files.platform["spare_cells"] = [_SECOND]
    files.platform["quotas"] = {"vpcs_per_region": 1}
    assert [cell.name for cell in files.load().platform.cells] == ["main"]
    files.tenants = [tenant(cidr="10.65.0.0/24", cell="second")]
    problem = files.problem()
    assert (problem.key, problem.message) == ("network.cell", "the cell is a spare one, and not open yet")
    assert "open_cells is automatically" in problem.remedy


@pytest.mark.parametrize(
    ("spare", "key", "message"),
    [
        ({"name": "main", "cidr": "10.65.0.0/16"}, "spare_cells[0].name", "there is a cell of this name already"),
        ({"name": "second", "cidr": "10.64.128.0/20"}, "spare_cells[0].cidr", "overlaps with 10.64.0.0/16"),
        ({"name": "second", "cidr": "10.65.0.0/24"}, "spare_cells[0].cidr", "has no room for tenants"),
    ],
)
def test_they_are_held_to_the_rules_of_cells(files: Files, spare: dict[str, str], key: str, message: str) -> None:
    files.platform["spare_cells"] = [spare]
    problem = files.problem()
    assert problem.key == key
    assert message in problem.message


def test_a_vpc_of_its_own_keeps_out_of_them(files: Files) -> None:
    files.platform["spare_cells"] = [_SECOND]
    files.tenants = [tenant(cidr="10.65.0.0/22", cell=None)]
    assert "overlaps with 10.65.0.0/16 of the cell second" in files.problem().message
    files.tenants = [tenant(cidr="10.66.0.0/22", cell=None)]
    assert files.load().tenants["acme"].network.cidr == IPv4Network("10.66.0.0/22")


def test_one_is_moved_and_all_else_stays() -> None:
    file = Path("platform.yaml")
    opened = with_cell(file, _TEXT.encode(), "second").decode()
    assert opened.splitlines() == [
        "cells:",
        "  - name: main  # the first",
        "    cidr: 10.64.0.0/16",
        '  - {name: second, cidr: "10.65.0.0/16"}',
        "# To be opened later.",
        "spare_cells:",
        "  - {name: third, cidr: 10.66.0.0/16}",
        "cost_center: ml  # stays",
    ]
    assert with_cell(file, opened.encode(), "second").decode() == opened
    last = with_cell(file, opened.encode(), "third").decode()
    assert "spare_cells" not in last
    assert last.endswith("cost_center: ml  # stays\n")


def test_the_file_is_replaced_only_where_it_is_the_one_that_was_read(files: Files) -> None:
    files.platform["spare_cells"] = [_SECOND]
    files.write()
    file = PlatformFile(files.platform_file)
    read = file.read()
    opened = with_cell(file.path, read, "second")
    file.write(opened, etag(read))
    assert [cell.name for cell in load_platform(file.path).cells] == ["main", "second"]
    with pytest.raises(SpecConflict):
        file.write(read, etag(read))
    assert file.read() == opened
