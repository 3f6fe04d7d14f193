"""Properties of the specs that hold for any input."""

from __future__ import annotations

import tempfile
from ipaddress import IPv4Network
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.spec import SpecErrors
from infra.spec.addresses import next_free
from infra.spec.common import RESERVED_IDS, TENANT_ID_PATTERN
from infra.spec.source import read_source
from tests.unit.spec.estates import Files, tenant

_IDS = st.from_regex(TENANT_ID_PATTERN, fullmatch=True).filter(lambda value: value not in RESERVED_IDS)
_YAMLISH = st.text(alphabet="a:-[]{}&*!%? \n\"'#|>0", max_size=60)


def _range(prefix: int, index: int) -> IPv4Network:
    return list(IPv4Network("10.64.0.0/16").subnets(new_prefix=prefix))[index % (1 << (prefix - 16))]


_RANGES = st.builds(_range, st.integers(18, 26), st.integers(0, 1 << 10))


@settings(max_examples=60, deadline=None)
@given(ids=st.lists(_IDS, min_size=2, max_size=2, unique=True), ranges=st.tuples(_RANGES, _RANGES))
def test_two_tenants_load_exactly_when_their_ranges_are_disjoint(
    ids: list[str], ranges: tuple[IPv4Network, IPv4Network]
) -> None:
    """Any two ids live in one cell if their ranges are disjoint, and not if they overlap, whatever the order."""
    platform_part = IPv4Network("10.64.255.0/24")
    apart = not ranges[0].overlaps(ranges[1]) and not any(cidr.overlaps(platform_part) for cidr in ranges)
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        files.tenants = [tenant(one, cidr=str(cidr)) for one, cidr in zip(ids, ranges, strict=True)]
        try:
            loaded = set(files.load().tenants) == set(ids)
        except SpecErrors:
            loaded = False
    assert loaded == apart


@given(prefix=st.integers(18, 28), taken=st.lists(_RANGES, max_size=8))
def test_a_proposed_range_is_free_and_the_first(prefix: int, taken: list[IPv4Network]) -> None:
    """What is proposed overlaps nothing, and nothing before it was free."""
    space = IPv4Network("10.64.0.0/16")
    expected = next(
        (one for one in space.subnets(new_prefix=prefix) if not any(one.overlaps(other) for other in taken)), None
    )
    assert next_free(space, prefix, taken) == expected


@settings(max_examples=200, deadline=None)
@given(content=st.one_of(st.binary(max_size=200), _YAMLISH.map(str.encode)))
def test_no_content_of_a_file_is_an_exception(content: bytes) -> None:
    """Whatever is in a file, reading it gives data or problems that name the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.yaml"
        file.write_bytes(content)
        source, problems = read_source(file)
    assert (source is not None) or problems
    assert all(problem.file == file and problem.remedy for problem in problems)
