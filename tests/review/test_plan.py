"""What a preview's events come down to: operations, properties with their values, and what would be lost."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws
import pytest

from infra.review.plan import everything_deleted, planned_changes
from infra.review.stateful import STATEFUL, lost

_URN = "urn:pulumi:acme::bulkhead-tenants::"


def _step(op: str, token: str, name: str, old: Any = None, new: Any = None, **more: Any) -> dict[str, Any]:
    metadata = {"op": op, "urn": f"{_URN}{token}::{name}", "type": token, **more}
    metadata |= {key: {"inputs": value} for key, value in (("old", old), ("new", new)) if value is not None}
    return {"resourcePreEvent": {"metadata": metadata}}


def _planned(*events: dict[str, Any]) -> Any:
    return planned_changes("\n".join([*map(json.dumps, events), '{"summaryEvent": {}}']).encode())


_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "s"}
_KEY, _ROLE, _BUCKET = "aws:kms/key:Key", "aws:iam/role:Role", "aws:s3/bucket:Bucket"


def test_a_replacement_is_one_change() -> None:
    """Its three steps are told once, with the property that makes it one, and with what is lost."""
    detail = {"multiRegion": {"kind": "update-replace"}, "tags.team": {"kind": "update"}}
    old, new = {"multiRegion": False, "tags": {"team": "a"}}, {"multiRegion": True, "tags": {"team": "b"}}
    steps = [
        _step(op, _KEY, "key", old, new, detailedDiff=detail, keys=["multiRegion"])
        for op in ("create-replacement", "replace", "delete-replaced")
    ]
    (key,), same = _planned(*steps, _step("same", _ROLE, "role"))
    assert (key.op, key.name, key.loses, key.destroys, same) == (
        "replace", "key", "all that is encrypted with it", True, 1,
    )  # fmt: skip
    assert [(each.path, each.before, each.after, each.replaces) for each in key.properties] == [
        ("multiRegion", "false", "true", True),
        ("tags.team", "a", "b", False),
    ]


def test_what_loses_data_comes_first() -> None:
    """Then deletions, replacements, updates and creations; components and providers are no resources of the cloud."""
    (first, second, third), _ = _planned(
        _step("create", _BUCKET, "new", None, {}),
        _step("delete", _ROLE, "role", {}),
        _step("delete", _BUCKET, "data", {}),
        _step("update", "bulkhead:component:TenantKey", "key"),
        _step("create", "pulumi:providers:aws", "aws"),
    )
    assert [(each.op, each.name, each.destroys) for each in (first, second, third)] == [
        ("delete", "data", True),
        ("delete", "role", False),
        ("create", "new", False),
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("x" * 500, None, ("x" * 99 + "…", "")),
        (None, _SECRET, ("", '"(secret)"')),
        ("a", "04da6b54-80e4-46f7-96ec-b56ff0331ba9", ("a", "(not known yet)")),
        ([1, {"b": 2}], [], ('[1,{"b":2}]', "[]")),
        (
            json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "B"}]}),
            json.dumps({"Statement": [{"Sid": "A", "Effect": "Deny"}, {"Sid": "C"}]}),
            ("", "statements -B, +C, ~A"),
        ),
        ('{"Statement": 5}', '{"Statement": [1]}', ('{"Statement": 5}', '{"Statement": [1]}')),
    ],
)  # fmt: skip
def test_values(before: Any, after: Any, said: tuple[str, str]) -> None:
    """They are told to be recognised: cut, secrets and unknown values masked, policies by their statements."""
    detail = {"policy": {"kind": "update"}}
    (change,), _ = _planned(_step("update", _KEY, "key", {"policy": before}, {"policy": after}, detailedDiff=detail))
    (only,) = change.properties
    assert (only.before, only.after) == said


def test_a_path_with_indexes_and_quotes() -> None:
    """The engine's paths lead to the values that they name, and nowhere to none."""
    paths = ["variants[1].type", 'tags["a.b"]', "variants[7].type", "variants.x.y", "missing"]
    inputs = {"variants": [{}, {"type": "m5"}], "tags": {"a.b": "c"}}
    (change,), _ = _planned(
        _step("update", _KEY, "key", {}, inputs, detailedDiff={path: {"kind": "add"} for path in paths})
    )
    assert [each.after for each in change.properties] == ["m5", "c", "", "", ""]


def test_the_end_of_a_stack() -> None:
    """Everything of it is deleted, but for what it only reads."""
    made = [
        {"type": _BUCKET, "urn": f"{_URN}{_BUCKET}::data"},
        {"type": _ROLE, "urn": f"{_URN}{_ROLE}::looked-up", "external": True},
        {"type": "pulumi:pulumi:Stack", "urn": f"{_URN}pulumi:pulumi:Stack::acme"},
    ]
    (only,) = everything_deleted(made)
    assert (only.op, only.name, only.destroys) == ("delete", "data", True)


@pytest.mark.parametrize("token", sorted(STATEFUL))
def test_every_stateful_type_is_one(token: str) -> None:
    """A type that the provider does not have would never be told."""
    _, module, name = token.split(":")
    package = __import__(f"pulumi_aws.{module.partition('/')[0]}", fromlist=[name])
    assert hasattr(package, name) or hasattr(pulumi_aws, name)
    assert lost(token)


def test_what_can_be_made_again_loses_nothing() -> None:
    """The control: a role and an alias are no data."""
    assert (lost(_ROLE), lost("aws:kms/alias:Alias")) == ("", "")
