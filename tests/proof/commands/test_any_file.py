"""Whatever a file holds, the command ends with a verdict or with an error that names it; never with a stack trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.operations.estate_files import read_files
from infra.operations.proving import Estate, prove_estate
from infra.proof.facts import Unreadable
from infra.proof.facts.kinds import told
from infra.proof.rendering import as_html, as_json, as_lines, as_markdown
from tests.proof.commands.estates import READS_ALL, acme, globex

_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_SETTINGS
@given(content=st.binary(max_size=64) | _ANY.map(lambda value: json.dumps(value).encode()))
def test_any_content_is_told_or_refused(content: bytes) -> None:
    refused = _refused(lambda: told(content, "x.json"))
    assert refused is None or ("x.json" in str(refused) and refused.remedy)


def _refused(read: Callable[[], object]) -> Unreadable | None:
    try:
        read()
    except Unreadable as problem:
        return problem
    return None


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything in a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        inner = list(cast("dict[Any, Any]", value).items())
    else:
        inner = list(enumerate(cast("list[Any]", value))) if isinstance(value, list) else []
    return [*found, *(each for key, one in inner for each in _places(one, (*path, key)))]


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return copy


_EXPORT = acme(READS_ALL).export()
_VALUES: list[Any] = ["", "*", "${aws:x}", "{", "arn:aws:s3:::*", "\ud800", "?" * 200, -1, {}, [], None, [[]], {"": {}}]


@settings(_SETTINGS, max_examples=60)
@given(path=st.sampled_from(_places(_EXPORT)), value=st.sampled_from(_VALUES) | _ANY)
def test_an_export_with_anything_in_it_is_judged_or_refused(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], value: Any
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "acme.json").write_text(json.dumps(_with(_EXPORT, path, value)))
    (folder / "globex.json").write_text(json.dumps(globex().export()))
    told: list[str] = []

    def judge() -> None:
        report = prove_estate(Estate(given=tuple(read_files([folder]))))
        told.extend([as_json(report), as_markdown(report), as_html(report), *(line.text for line in as_lines(report))])

    refused = _refused(judge)
    assert told if refused is None else "acme.json" in str(refused)
