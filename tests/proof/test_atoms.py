"""Atoms are complete: whatever combination of comparisons a value fulfils, one of the atoms fulfils it too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.evaluator.conditions.date import moment_of
from infra.evaluator.glob import Pattern, Template, matcher
from infra.proof.atoms.errors import NotModelled
from infra.proof.atoms.ordered import address_atoms, moment_atoms, number_atoms
from infra.proof.atoms.shapes import ANYTHING, ARN, by_parts, ignoring_case, widely, within_segments
from infra.proof.atoms.texts import text_atoms


def _pattern(text: str) -> Pattern:
    return Template.parse(text, variables=False).resolve(lambda _: None) or ()


_PATTERNS = st.lists(st.text("ab:*?", max_size=5), max_size=4)
_START = datetime(2026, 1, 1, tzinfo=UTC)


@given(_PATTERNS, st.text("ab:c", max_size=7))
def test_a_text_has_an_atom_like_it(texts: list[str], value: str) -> None:
    patterns = [_pattern(text) for text in texts]
    shapes = [*map(widely, patterns), *map(within_segments, patterns)]

    def told(text: str) -> list[bool]:
        return [matcher(one, within_segments=within)(text) for one in patterns for within in (False, True)]

    assert told(value) in [told(atom) for atom in text_atoms(ANYTHING, shapes)]


@given(_PATTERNS, st.text("abAB:c", max_size=4))
def test_a_text_of_either_case_has_an_atom_like_it(texts: list[str], value: str) -> None:
    patterns = [_pattern(text) for text in texts]

    def told(text: str) -> list[bool]:
        return [matcher(one)(read) for one in patterns for read in (text, text.lower())]

    shapes = [*map(widely, patterns), *map(ignoring_case, patterns)]
    assert told(value) in [told(atom) for atom in text_atoms(ANYTHING, shapes)]


@given(_PATTERNS, st.text("ab:c", max_size=7))
def test_atoms_are_of_their_domain(texts: list[str], value: str) -> None:
    domain = _pattern(f"{value}*b?")
    atoms = text_atoms(widely(domain), [widely(_pattern(text)) for text in texts])
    assert atoms
    assert all(matcher(domain)(atom) for atom in atoms)


def test_arns_are_compared_part_by_part() -> None:
    shapes = [by_parts(_pattern(text)) for text in ("arn:*:s3:::a*", "arn:aws:*:*:*:*:b")]
    atoms = text_atoms(ARN, shapes)
    assert all(atom.startswith("arn:") and atom.count(":") >= 5 for atom in atoms)
    assert len(atoms) == 4


_NUMBERS = st.decimals(-4, 4, places=1).map(str)


@given(st.lists(_NUMBERS, max_size=4), _NUMBERS)
def test_a_number_has_an_atom_like_it(limits: list[str], value: str) -> None:
    def told(number: str) -> list[tuple[bool, bool]]:
        return [(float(number) < float(limit), float(number) == float(limit)) for limit in limits]

    assert told(value) in [told(atom) for atom in number_atoms(limits)]


_DAYS = st.integers(0, 6).map(lambda days: (_START + timedelta(days=days)).isoformat())


@given(st.lists(_DAYS, max_size=4), _DAYS)
def test_a_moment_has_an_atom_like_it(limits: list[str], value: str) -> None:
    def told(text: str) -> list[tuple[bool, bool]]:
        at = moment_of(text)
        return [(at < limit, at == limit) for limit in map(moment_of, limits) if at is not None and limit is not None]

    assert told(value) in [told(atom) for atom in moment_atoms(limits)]


_RANGES = st.builds("10.0.{}.0/{}".format, st.integers(0, 3), st.integers(20, 26))
_ADDRESSES = st.builds("10.0.{}.{}".format, st.integers(0, 5), st.integers(0, 255))


@given(st.lists(_RANGES, max_size=4), _ADDRESSES)
def test_an_address_has_an_atom_like_it(ranges: list[str], value: str) -> None:
    def told(address: str) -> list[bool]:
        return [ip_address(address) in ip_network(one, strict=False) for one in ranges]

    assert told(value) in [told(atom) for atom in address_atoms(ranges)]


@pytest.mark.parametrize(
    "texts",
    [["?" * 10_000 + "*", "*b"], [f"*{name}*" for name in "abcdefghijklmnopq"]],
    ids=["anything of a length", "parts in any order"],
)
def test_too_many_combinations_are_refused(texts: list[str]) -> None:
    with pytest.raises(NotModelled, match="too many to visit"):
        text_atoms(ANYTHING, [widely(_pattern(text)) for text in texts])


@pytest.mark.parametrize("text", ["a" * 10_000, "*a" * 5000], ids=["letters", "stars"])
def test_a_long_pattern_is_matched_by_an_atom(text: str) -> None:
    atoms = text_atoms(ANYTHING, [widely(_pattern(text))])
    assert [matcher(_pattern(text))(atom) for atom in atoms] == [False, True]


@pytest.mark.parametrize("limit", ["1e999999", "0." + "1" * 100])
def test_numbers_of_too_many_digits_are_refused(limit: str) -> None:
    with pytest.raises(NotModelled, match="digits"):
        number_atoms(["1", limit])
