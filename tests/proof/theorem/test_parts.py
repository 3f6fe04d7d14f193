"""What tenants have in one bucket, or one table, of the platform: prefixes and keys that end, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from infra.proof.report import Claim, Finding, Verdict
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate

_TABLE = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/items"
_POOL = "arn:aws:s3:::pool"
_KEYS = "dynamodb:LeadingKeys"


def _platform() -> Stack:
    stack = Stack("platform")
    stack.bucket("pool")
    stack.add("aws:dynamodb/table:Table", "items", {"arn": _TABLE, "name": "items", "tagsAll": {"tenant": "platform"}})
    return stack


def _leaks(acme: str, other: str, name: str = "acmeeu") -> list[Finding]:
    stacks = [_platform()]
    for tenant, policy in (("acme", acme), (name, other)):
        stack = Stack(tenant)
        stack.role(tenant)
        stack.add("aws:iam/rolePolicy:RolePolicy", "p", {"role": tenant, "policy": policy})
        stacks.append(stack)
    report = prove(estate(*stacks), only={Claim.ISOLATION})
    assert {one.verdict for one in report.findings} <= {Verdict.LEAK}
    return list(report.findings)


def _objects(prefix: str) -> str:
    return allow("s3:GetObject", "s3:PutObject", resource=f"{_POOL}/{prefix}")


def test_a_prefix_in_a_bucket_of_all() -> None:
    assert _leaks(_objects("acme/*"), _objects("acmeeu/*")) == []
    (leak,) = _leaks(_objects("acme*"), _objects("acmeeu/*"))
    assert (leak.from_, leak.to) == ("acme", "acmeeu")
    assert (leak.resource or "").startswith(f"{_POOL}/acmeeu/")
    assert [one.to for one in _leaks(allow("s3:*"), _objects("globex/*"), "globex")] == ["globex"]


def test_a_prefix_by_the_principals_tag() -> None:
    by_tag = _objects("${aws:PrincipalTag/tenant}/*")
    assert _leaks(by_tag, by_tag) == []
    assert [one.to for one in _leaks(_objects("*"), by_tag)] == ["acmeeu"]


def _items(*actions: str, **conditions: Any) -> str:
    return allow(*(f"dynamodb:{one}" for one in actions), resource=_TABLE, Condition=conditions)


def _own(tenant: str) -> dict[str, Any]:
    return {"ForAllValues:StringLike": {_KEYS: f"{tenant}-*"}, "Null": {_KEYS: "false"}}


def test_items_by_their_leading_keys() -> None:
    sound = _items("Query", "GetItem", **_own("acmeeu"))
    assert _leaks(_items("Query", **_own("acme")), sound) == []
    (leak,) = _leaks(_items("Query", **{"ForAllValues:StringLike": {_KEYS: "acme*"}, "Null": {_KEYS: "false"}}), sound)
    assert (leak.to, leak.action) == ("acmeeu", "dynamodb:Query")
    assert str(leak.context[_KEYS.lower()]).count("acmeeu-")
    but_some = _items("Query", **{"ForAllValues:StringNotLike": {_KEYS: "admin-*"}})
    assert [one.to for one in _leaks(but_some, sound)] == ["acmeeu"]


@pytest.mark.parametrize("whole", ["Scan", "ExportTableToPointInTime", "DeleteTable"])
def test_what_names_no_key_is_about_everybodys_items(whole: str) -> None:
    sound = _items("Query", **_own("globex"))
    published = {"ForAllValues:StringLike": {_KEYS: "acme-*"}}
    (leak,) = _leaks(_items("Query", whole, **published), sound, "globex")
    assert (leak.to, leak.action) == ("globex", f"dynamodb:{whole}")
    assert _leaks(_items("Query", whole, **_own("acme")), sound, "globex") == []


def test_what_is_said_of_a_table_is_nobodys_items() -> None:
    look = allow("dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", resource=_TABLE)
    assert _leaks(look, _items("Query", **_own("globex")), "globex") == []
