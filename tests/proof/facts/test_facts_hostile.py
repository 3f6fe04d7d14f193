"""Malformed and hostile input: a clear error that names the file, or `Unknown`; never a crash, never without end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.evaluator.document import Policy
from infra.proof.facts import Document, Estate, Record, Unknown, Unreadable, assemble, read_deployment, read_preview
from infra.proof.facts.folder import ANSWERS, read_answer
from infra.proof.facts.inputs import MOST_BYTES, read_file
from infra.proof.facts.model import LONGEST_DOCUMENT
from infra.proof.facts.not_modelled import MODELLED
from tests.proof.facts.exports import UNKNOWN, Stack, allow, estate

_ALLOW = allow("s3:*")
_EXPORT = Path(__file__).with_name("acme_export.json").read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        _EXPORT[: len(_EXPORT) // 2],
        b'{"version": 3}',
        b'{"version": 1, "deployment": {}}',
        b'{"version": 3, "deployment": {"resources": [{}]}}',
        b'{"version": 3, "deployment": {"resources": [{"urn": "no", "type": "t"}]}}',
        b'{"version": 3, "deployment": {"resources": [{"urn": 7, "type": "t"}]}}',
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
    ],
)
def test_what_is_no_export_is_refused_with_its_file(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"stack\.json"):
        read_deployment(content, "stack.json")


def test_properties_that_are_nested_too_deeply_are_refused_with_their_place() -> None:
    stack = Stack()
    deep: Any = "x"
    for _ in range(200):
        deep = {"a": [deep]}
    stack.bucket("b", deep=deep)
    with pytest.raises(Unreadable, match=r"(?s)stack\.json, urn:pulumi.*::b.*nested"):
        read_deployment(json.dumps(stack.export()).encode(), "stack.json")


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as opened:
        opened.truncate(100 * 1024 * 1024 * 1024)
    with pytest.raises(Unreadable, match=r"huge\.json: it has more than 64 MiB"):
        read_file(file)
    with pytest.raises(Unreadable, match="more than 64 MiB"):
        read_deployment(bytes(MOST_BYTES + 1))


@pytest.mark.parametrize(
    "text",
    [
        allow("s3:*", resource="arn:aws:s3:::" + "a*" * 5_000),
        allow("s3:*", resource="*" * 10_000),
        allow(*["s3:" + "*" * 100] * 100),
        allow("s3:" + "?" * 10_000),
        "[" * 100_000,
        '{"Statement":' * 5_000,
        " " * (LONGEST_DOCUMENT + 1),
        allow("s3:*", resource="x" * LONGEST_DOCUMENT),
        json.dumps({"Version": "2031-01-01", "Statement": []}),
    ],
    ids=lambda text: text[:20],
)
def test_hostile_documents_are_a_policy_or_unknown(text: str) -> None:
    stack = Stack()
    stack.role("r")
    stack.add("aws:iam/rolePolicy:RolePolicy", "p", {"role": "r", "policy": text})
    for document in estate(stack).principals[0].identity:
        assert isinstance(document.compiled(), Policy | Unknown)


def test_more_policies_than_aws_takes_are_unknown_and_not_multiplied() -> None:
    stack = Stack()
    arn = "arn:aws:iam::123456789012:"
    groups = [f"g{number}" for number in range(30)]
    for group in groups:
        stack.add("aws:iam/group:Group", group, {"arn": f"{arn}group/{group}", "name": group})
        for number in range(20):
            policy = {"group": group, "policy": allow(f"s3:Get{number}{group}")}
            stack.add("aws:iam/groupPolicy:GroupPolicy", f"{group}-{number}", policy)
    stack.add("aws:iam/user:User", "u", {"arn": f"{arn}user/u", "name": "u"})
    stack.add("aws:iam/userGroupMembership:UserGroupMembership", "few", {"user": "u", "groups": groups[:10]})
    assert estate(stack).unknown == ()
    stack.add("aws:iam/userGroupMembership:UserGroupMembership", "many", {"user": "u", "groups": groups})
    (unknown,) = estate(stack).unknown
    assert unknown.property == "policies"


def test_more_policies_of_log_groups_than_aws_takes_are_unknown() -> None:
    stack = Stack()
    stack.add("aws:cloudwatch/logGroup:LogGroup", "g", {"arn": "arn:aws:logs:eu-central-1:123456789012:log-group:g"})
    document = allow("logs:PutLogEvents", Principal={"Service": "es.amazonaws.com"})
    token, policy = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy", {"policyDocument": document}
    for number in range(10):
        stack.add(token, f"l{number}", policy)
    found = estate(stack)
    assert (len(found.resources[0].policies), found.unknown) == (10, ())
    stack.add(token, "l10", policy)
    (unknown,) = estate(stack).unknown
    assert unknown.source.urn.endswith("::l10")


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from(
        [
            "r",
            "b",
            "*",
            UNKNOWN,
            "[secret]",
            "arn:aws:s3:::b",
            "arn:",
            "arn:aws:iam::123456789012:role/r",
            _ALLOW,
        ]
    ),
    st.just({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}),
    st.just({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"r"'}),
    st.just({"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}),
)
_KEYS = st.sampled_from(
    [
        "arn", "name", "path", "role", "roles", "user", "users", "group", "groups", "policy", "policyArn", "bucket",
        "keyId", "assumeRolePolicy", "inlinePolicies", "managedPolicyArns", "permissionsBoundary", "tags", "tagsAll",
        "principal", "operations", "granteePrincipal", "constraints", "serviceName", "vpcId", "routeTableIds",
        "vpcEndpointType", "rules", "condition", "function", "eventBusName", "kmsKeyId", "content", "type", "policyId",
        "defaultTags", "allowedAccountIds", "region", "url", "queueUrl", "acl", "grants",
    ]
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=6
)
_TYPES = st.sampled_from([*sorted(MODELLED), "pulumi:providers:aws", "aws:iam/role:Role", "aws:ec2/instance:Instance"])


@st.composite
def _states(draw: st.DrawFn) -> dict[str, Any]:
    token = draw(_TYPES)
    urn = f"urn:pulumi:s::p::{token}::{draw(st.sampled_from('rbk'))}"
    return {
        "urn": urn,
        "type": token,
        "custom": draw(st.booleans()),
        "external": draw(st.booleans()),
        "id": draw(st.sampled_from(["", "r", "b"])),
        "provider": "urn:pulumi:s::p::pulumi:providers:aws::r::id",
        "inputs": draw(st.dictionaries(_KEYS, _VALUES, max_size=5)),
        "outputs": draw(st.none() | st.dictionaries(_KEYS, _VALUES, max_size=8)),
        "propertyDependencies": draw(st.dictionaries(_KEYS, st.just([urn]), max_size=2)),
        "sourcePosition": draw(st.sampled_from(["", "project:///a.py#7", "project:///a.py#7,3", "x#y#z"])),
    }


def _documents(found: Estate) -> list[Document]:
    return [
        *(each for one in found.principals for each in (*one.identity, one.boundary, one.trust) if each),
        *(each for one in found.resources for each in one.policies),
        *(one.policy for one in (*found.routes, *found.controls)),
    ]


@given(st.lists(_states(), max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_properties_make_an_estate(states: list[dict[str, Any]]) -> None:
    content = json.dumps({"version": 3, "deployment": {"resources": states}}).encode()
    found = assemble(read_deployment(content))
    for document in _documents(found):
        assert isinstance(document.compiled(), Policy | Unknown)
    unknown = {(each.source.urn, each.property) for each in found.unknown}
    assert all((each.source.urn, each.property) in unknown for each in _documents(found) if each.text is None)


@given(st.lists(st.tuples(st.sampled_from(["same", "create", "update", "delete"]), _states()), max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_steps_make_an_estate(steps: list[tuple[str, dict[str, Any]]]) -> None:
    listed = [{"op": op, "urn": state["urn"], "newState": state if op != "delete" else None} for op, state in steps]
    assemble(read_preview(json.dumps({"steps": listed, "changeSummary": {}}).encode()))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_export_is_refused_or_read(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(_EXPORT) - 1))
    damage = data.draw(st.binary(max_size=4))
    content = _EXPORT[:at] + damage + _EXPORT[at + 1 :]
    refused = _refused(lambda: read_deployment(content, "stack.json"))
    assert refused is None or refused.startswith("stack.json")


_ANSWERS = st.sampled_from(ANSWERS)


@given(st.dictionaries(_ANSWERS, _VALUES, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_answer_of_the_cli_is_refused_or_read(members: dict[str, Any]) -> None:
    content = json.dumps(members).encode()
    refused = _refused(lambda: read_answer(content, "answer.json"))
    assert refused is None or refused.startswith("answer.json")


def _refused(read: Callable[[], tuple[Record, ...]]) -> str | None:
    """Where an input is refused; None for one that makes an estate."""
    try:
        records = read()
    except Unreadable as refused:
        return refused.where
    assemble(records)
    return None
