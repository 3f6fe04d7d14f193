"""Where patterns cut words."""

from __future__ import annotations

import pytest

from infra.proof.template.boundaries import Cuts

_UUID = "00000000-1111-2222-3333-444444444444"


def _cuts(pattern: str) -> Cuts:
    cuts = Cuts()
    cuts.add(pattern)
    return cuts


@pytest.mark.parametrize(
    ("pattern", "begins", "ends", "inside"),
    [
        ("bh-acme-*", set[str](), set[str](), set[str]()),
        ("bh-acme*", {"acme"}, set[str](), set[str]()),
        ("*acme-data", set[str](), {"acme"}, set[str]()),
        ("*acme*", set[str](), set[str](), {"acme"}),
        ("a*b-c*d", {"a", "c"}, {"b", "d"}, set[str]()),
        ("bh-?-data", set[str](), set[str](), set[str]()),
        ("bh-a?-data", {"a"}, set[str](), set[str]()),
        ("*", set[str](), set[str](), set[str]()),
        ("exact", set[str](), set[str](), set[str]()),
        ("bh-${aws:username}-*", set[str](), set[str](), set[str]()),
    ],
)
def test_halves_of_words_are_found(pattern: str, begins: set[str], ends: set[str], inside: set[str]) -> None:
    cuts = _cuts(pattern)
    assert (cuts.begins, cuts.ends, cuts.inside) == (begins, ends, inside)


@pytest.mark.parametrize(
    ("pattern", "counts"),
    [("a-?", True), ("a-??*", True), ("a-?*", False), ("a-*?", False), ("a-*", False), ("?", True)],
)
def test_patterns_that_count_characters_are_told(pattern: str, counts: bool) -> None:
    assert _cuts(pattern).lengths is counts


@pytest.mark.parametrize(
    ("pattern", "glued"),
    [
        ("bh-${aws:username}-*", False),
        ("bh-${aws:username}*", True),
        ("bh${aws:username}", True),
        ("${aws:username}x", True),
        ("${aws:username}${aws:userid}", True),
        ("home/${aws:username}", False),
        ("bh-${*}x", False),
    ],
)
def test_values_beside_halves_of_words_are_told(pattern: str, glued: bool) -> None:
    assert _cuts(pattern).glued is glued


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("key/00000000-*", {"00000000"}),
        ("key/0000*", {"0000"}),
        ("*-4444", {"4444"}),
        (f"key/{_UUID}", set[str]()),
        (f"key/{_UUID}*", {_UUID}),
        ("key/*", set[str]()),
        ("bh-acme-*", set[str]()),
        ("${aws:username}-4444", {"4444"}),
    ],
)
def test_parts_of_uuids_are_found(pattern: str, parts: set[str]) -> None:
    assert _cuts(pattern).parts == parts


@pytest.mark.parametrize(
    ("pattern", "opens", "splits"),
    [
        ("key/${aws:username}-*", {"/"}, False),
        ("bh-${aws:username}-*", {"-"}, False),
        ("${aws:username}-*", {""}, False),
        ("*-${aws:username}", set[str](), True),
        ("key/${aws:username}/*", set[str](), False),
    ],
)
def test_values_that_may_be_parts_of_uuids_are_told(pattern: str, opens: set[str], splits: bool) -> None:
    cuts = _cuts(pattern)
    assert (cuts.opens, cuts.splits_uuids) == (opens, splits)
