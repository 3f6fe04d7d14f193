"""The proof judges what is live under its stacks' names, the rest as stacks have it, and no owner is lost."""

from __future__ import annotations

from infra.live import canonical, compare, exports, facts
from infra.live.kinds import buckets, identities, keys
from infra.live.tagged import TOKEN
from infra.planned import UNKNOWN
from infra.proof.facts import Estate, Record, assemble, read_deployment
from tests.live.worlds import ACCOUNT, REGION, account, declared, policy, there, trust

_ARN = f"arn:aws:iam::{ACCOUNT}:role/r"
_ROLE = {"name": "r", "arn": _ARN, "assumeRolePolicy": trust(ACCOUNT), "tags": {"tenant": "acme"}}
_INLINE = "aws:iam/rolePolicy:RolePolicy"


def _estates(stacks: tuple[Record, ...], *live: Record) -> tuple[Estate, Estate]:
    """The estate of the records, and of the exports that they are written as."""
    stated, account_ = canonical(stacks), account(*live)
    judged = facts(stated, account_, compare(stated, account_))
    written = [record for name, content in exports(judged.records).items() for record in read_deployment(content, name)]
    return assemble(judged.records, owners=judged.owners), assemble(written, owners=judged.owners)


def test_a_live_role_has_its_stacks_name_and_its_live_policies() -> None:
    role = declared(identities.ROLE, "r", _ROLE)
    inline = there(_INLINE, "r:x", {"role": "r", "name": "x", "policy": policy("s3:*")})
    for estate in _estates((role,), there(identities.ROLE, "r", _ROLE), inline):
        (found,) = estate.principals
        assert (found.owner, found.account, found.source.urn) == ("acme", ACCOUNT, role.source.urn)
        assert (found.source.file, found.source.line) == ("components/x.py", 7)
        assert [each.text for each in found.identity] == [policy("s3:*")]
        assert found.identity[0].source.urn == f"urn:pulumi:{ACCOUNT}::live::{_INLINE}::r:x"


def test_what_is_missing_is_not_judged() -> None:
    for estate in _estates((declared(identities.ROLE, "r", _ROLE),)):
        assert estate.principals == ()


def test_what_is_not_read_is_judged_as_its_stack_has_it() -> None:
    alarm = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a"
    stack = declared("aws:cloudwatch/metricAlarm:MetricAlarm", "a", {"arn": alarm, "tags": {"tenant": "acme"}})
    for estate in _estates((stack,)):
        assert [(each.arn, each.owner) for each in estate.resources] == [(alarm, "acme")]


def test_who_strips_or_changes_a_tag_does_not_change_the_owner() -> None:
    bucket = {"bucket": "b", "arn": "arn:aws:s3:::b"}
    stack = declared(buckets.BUCKET, "b", {**bucket, "tags": {"tenant": "acme"}})
    for tags in ({}, {"tenant": "globex"}, {"tenant": "acme"}):
        for estate in _estates((stack,), there(buckets.BUCKET, "b", {**bucket, "tags": tags})):
            assert [each.owner for each in estate.resources] == ["acme"]


def test_an_access_key_gives_what_its_user_has_and_is_not_judged() -> None:
    user = there(identities.USER, "u", {"name": "u", "arn": f"arn:aws:iam::{ACCOUNT}:user/u", "tags": {}})
    key = there(identities.ACCESS_KEY, "AKIA1", {"user": "u", "status": "Active"})
    for estate in _estates((), user, key):
        assert len(estate.principals) == 1
        assert estate.not_modelled == ()


def test_what_was_denied_stays_unknown() -> None:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
    for estate in _estates((), there(keys.KEY, "k", {"keyId": "k", "arn": arn, "policy": UNKNOWN})):
        assert [each.property for each in estate.unknown] == ["policy"]


def test_what_bears_a_tenants_tag_is_the_tenants_to_the_proof() -> None:
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"
    live = account(tagged=(there(TOKEN, arn, {"arn": arn, "tags": {"tenant": "acme"}}),))
    estate = assemble(facts((), live, compare((), live)).records)
    assert [(each.arn, each.owner) for each in estate.resources] == [(arn, "acme")]
