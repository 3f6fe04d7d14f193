"""A patched spec says what the patch makes of it, and every line that the patch does not mean is as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import UserError
from infra.gitops.patching import merge_patch, patched, same
from infra.settings import ROOT
from infra.spec.source import source_of

_FILE = Path("acme.yaml")

_SPEC = """\
# The head.
id: acme  # never changes
tier: pool

# What it may cost.
monthly_budget:
  limit_usd: 900   # agreed in May
  alert_percent: [50, 80]
  contacts:
    # Finance first.
    - finops@acme.example
    - 'cto@acme.example'  # on leave

# Its models.
models:
  - name: tumour   # the first
    instances: {min: 2, max: 4}
  # The second is on trial.
  - name: graft
    description: |
      of two
      lines
lifecycle: {state: active}
# The end.
"""


def _data(content: bytes) -> dict[str, Any]:
    source, problems = source_of(_FILE, content)
    assert source is not None
    assert not problems
    return source.data


def _patched(patch: dict[str, Any], text: str = _SPEC) -> str:
    return patched(_FILE, text.encode(), patch).decode()


@pytest.mark.parametrize(
    ("patch", "old", "new"),
    [
        ({"tier": "silo"}, "tier: pool", "tier: silo"),
        ({"monthly_budget": {"limit_usd": 1000.5}}, "limit_usd: 900   #", "limit_usd: 1000.5   #"),
        ({"lifecycle": {"state": "suspended"}}, "{state: active}", "{state: suspended}"),
        ({"lifecycle": {"by": "a: b"}}, "{state: active}", '{state: active, by: "a: b"}'),
        ({"tier": None}, "tier: pool\n", ""),
        ({"monthly_budget": {"alert_percent": None}}, "  alert_percent: [50, 80]\n", ""),
        ({"monthly_budget": {"alert_percent": [90]}}, "[50, 80]", "[90]"),
        ({"monthly_budget": {"currency": "usd"}}, "# on leave\n", "# on leave\n  currency: usd\n"),
        ({"owner": "no"}, "{state: active}\n", '{state: active}\nowner: "no"\n'),
        ({"monthly_budget": {"contacts": ["cto@acme.example"]}}, "    - finops@acme.example\n", ""),
        (
            {"monthly_budget": {"contacts": ["finops@acme.example", "new@acme.example", "cto@acme.example"]}},
            "    - 'cto",
            "    - new@acme.example\n    - 'cto",
        ),
        ({"lifecycle": None, "owner": "ops"}, "lifecycle: {state: active}\n", "owner: ops\n"),
    ],
)  # fmt: skip
def test_only_the_lines_that_are_meant_differ(patch: dict[str, Any], old: str, new: str) -> None:
    """Everything else, comments, quotes, order and spaces, is byte for byte as it was."""
    assert _SPEC.count(old) == 1
    assert _patched(patch) == _SPEC.replace(old, new)


def test_a_model_is_changed_added_and_removed_by_its_name() -> None:
    """The comments of a list's items stay with the items that stay."""
    tumour, graft = _data(_SPEC.encode())["models"]
    changed = _patched({"models": [{**tumour, "instances": {"min": 3, "max": 4}}, graft, {"name": "third", "min": 1}]})
    assert changed == _SPEC.replace("{min: 2,", "{min: 3,").replace(
        "      lines\n", "      lines\n  - {name: third, min: 1}\n"
    )
    first = _patched({"models": [graft]})
    assert first == _SPEC.replace("  - name: tumour   # the first\n    instances: {min: 2, max: 4}\n", "")
    before = _patched({"models": [{"name": "zero"}, tumour, graft]})
    assert before == _SPEC.replace("models:\n", "models:\n  - {name: zero}\n")


def test_nothing_is_changed_by_nothing() -> None:
    """An empty patch, and one that says what the spec says, return the same bytes."""
    assert _patched({}) == _SPEC
    assert _patched({"tier": "pool", "lifecycle": {"state": "active"}, "nothing": None}) == _SPEC


@pytest.mark.parametrize("file", sorted((ROOT / "tenant_stacks" / "specs").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_tenants_of_the_repository(file: Path) -> None:
    """A spec of the repository is suspended and resumed, and is what it was."""
    before = file.read_bytes()
    other = patched(file, before, {"lifecycle": {"state": "suspended"}})
    assert other != before
    assert [one for one in before.splitlines() if one not in other.splitlines()] == [
        one for one in before.splitlines() if one.startswith(b"lifecycle") or b"state: active" in one
    ]
    assert patched(file, other, {"lifecycle": {"state": "active"}}) == before


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_the_rfc(document: object, patch: object, result: object) -> None:
    """RFC 7396, appendix A."""
    assert merge_patch(document, patch) == result


_KEYS = st.text("abcn_", min_size=1, max_size=3) | st.sampled_from(["name", "no", "1", "a b", "ü", "- x", "#"])
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), max_size=8)
    | st.sampled_from(
        ["2026-01-01", "null", "~", "1e3", "0x1F", " a", "a ", "- a", "a: b", "a #b", "*a", "line\nline\n"]
    )
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=12
)
_DOCUMENTS = st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=4)


def _block(value: Any, margin: str = "") -> str:
    """A document as blocks with a comment above and behind each line."""
    lines: list[str] = []
    for key, each in value.items():
        name = json.dumps(key, ensure_ascii=False)
        lines.append(f"{margin}# above")
        if isinstance(each, dict) and each:
            lines.append(f"{margin}{name}:  # behind\n{_block(each, margin + '  ')}")
        elif isinstance(each, list) and each:
            items = [f"{margin}- {json.dumps(item)}  # behind" for item in each]  # pyright: ignore[reportUnknownVariableType]
            lines.append("\n".join([f"{margin}{name}:", *items]))
        else:
            lines.append(f"{margin}{name}: {json.dumps(each)}  # behind")
    return "\n".join(lines)


@settings(deadline=None)
@given(_DOCUMENTS, st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_any_patch_of_any_document(document: dict[str, Any], patch: dict[str, Any]) -> None:
    """The new text says what the patch makes of the old, and no comment of a key that stays is lost."""
    content = (_block(document) + "\n").encode()
    before = _data(content)
    changed = patched(_FILE, content, patch)
    wanted = merge_patch(before, patch)
    assert same(_data(changed), wanted)
    if set(wanted) & set(before):
        assert changed.count(b"# above") >= len(document)


@pytest.mark.parametrize(
    "content", [b"a: &x 1\nb: *x\n", b"\xff", b"a: [", b"- a\n", b"a: 1\na: 2\n", b"a: " + b"x" * 300_000][:]
)
def test_what_is_no_spec_is_not_patched(content: bytes) -> None:
    """What the specs' reader refuses is refused with its reasons."""
    with pytest.raises(UserError, match=r"acme\.yaml"):
        patched(_FILE, content, {"a": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_yaml_cannot_hold_is_refused(value: object) -> None:
    """It is told as the caller's mistake."""
    with pytest.raises(UserError, match="YAML cannot"):
        _patched({"tier": value})
