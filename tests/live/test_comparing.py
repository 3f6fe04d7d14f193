"""What differs is told once and named; what means the same, or is AWS's own, is not told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from infra.live import Comparison, DifferenceKind, Hidden
from infra.live.compared import TABLE
from infra.live.kinds import TABLE as KINDS
from infra.live.kinds import buckets, functions, identities, keys, messaging, models, network, registries
from infra.live.reading import tokens_of
from infra.live.tagged import TOKEN
from infra.planned import UNKNOWN
from infra.proof.facts import Record
from tests.live.worlds import ACCOUNT, account, compared, declared, policy, there, trust

_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/r"
_ROLE = {"name": "r", "arn": _ROLE_ARN, "assumeRolePolicy": trust(ACCOUNT), "tags": {"tenant": "acme"}}
_INLINE = "aws:iam/rolePolicy:RolePolicy"
_ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_BUCKET = {"bucket": "b", "arn": "arn:aws:s3:::b", "tags": {"tenant": "acme"}}
_KEY_ARN = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k"
_KEY = {"keyId": "k", "arn": _KEY_ARN, "tags": {"tenant": "acme"}}
_BLOCKED = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)


def _told(found: Comparison) -> list[tuple[str, str, str, str | None]]:
    return [(each.kind.value, each.type, each.id, each.property) for each in found.differences]


def test_everything_that_is_read_is_compared() -> None:
    assert tokens_of(KINDS) == set(TABLE)


#: Type, what tells it apart, a property, what the stack has, what means the same, what does not.
_PROPERTIES: tuple[tuple[str, Mapping[str, Any], str, Any, Any, Any], ...] = (
    (identities.ROLE, _ROLE, "assumeRolePolicy", trust(ACCOUNT), trust(f"arn:aws:iam::{ACCOUNT}:root"), trust("*")),
    (identities.ROLE, _ROLE, "permissionsBoundary", "arn:aws:iam::1:policy/b", "arn:aws:iam::1:policy/b", None),
    (identities.ROLE, _ROLE, "path", None, "/", "/x/"),
    (identities.ROLE, _ROLE, "tags", {"tenant": "acme"}, {"tenant": "acme", "aws:x": "y"}, {"tenant": "globex"}),
    (identities.POLICY, {"arn": "arn:aws:iam::1:policy/p"}, "policy", policy("s3:*"), policy("S3:*"), policy("kms:*")),
    (identities.PROFILE, {"name": "p"}, "role", "r", _ROLE_ARN, "other"),
    (_INLINE, {"role": "r", "name": "p"}, "policy", policy("a:b", "a:c"), policy("a:c", "a:b"), policy("a:c")),
    (keys.KEY, _KEY, "isEnabled", None, True, False),
    (keys.KEY, _KEY, "enableKeyRotation", True, "true", False),
    (keys.ALIAS, {"name": "alias/a"}, "targetKeyId", "k", _KEY_ARN, "other"),
    (buckets.PUBLIC_ACCESS, {"bucket": "b"}, "blockPublicAcls", True, True, None),
    (
        buckets.ENCRYPTION,
        {"bucket": "b"},
        "rules",
        [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": _KEY_ARN}}],
        [
            {
                "bucketKeyEnabled": True,
                "applyServerSideEncryptionByDefault": {"kmsMasterKeyId": _KEY_ARN, "sseAlgorithm": "aws:kms"},
            }
        ],
        [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
    ),
    (
        buckets.VERSIONING,
        {"bucket": "b"},
        "versioningConfiguration",
        {"status": "Enabled"},
        [{"status": "Enabled", "mfaDelete": ""}],
        {"status": "Suspended"},
    ),
    (buckets.OWNERSHIP, {"bucket": "b"}, "rule", {"objectOwnership": "a"}, [{"objectOwnership": "a"}], {}),
    (network.ENDPOINT, {}, "routeTableIds", ["rtb-1", "rtb-2"], ["rtb-2", "rtb-1"], ["rtb-1"]),
    (network.ENDPOINT, {}, "privateDnsEnabled", None, False, True),
    (
        registries.REPOSITORY,
        {"name": "x/y"},
        "encryptionConfigurations",
        [{"encryptionType": "KMS", "kmsKey": _KEY_ARN}],
        [{"kmsKey": _KEY_ARN, "encryptionType": "KMS"}],
        [{"encryptionType": "AES256"}],
    ),
    (messaging.TOPIC, {"arn": "arn:aws:sns:r:1:t"}, "kmsMasterKeyId", _KEY_ARN, "k", None),
    (messaging.LOG_GROUP, {"name": "g"}, "kmsKeyId", _KEY_ARN, _KEY_ARN, None),
    (models.MODEL, {"name": "m"}, "executionRoleArn", _ROLE_ARN, _ROLE_ARN, f"{_ROLE_ARN}2"),
    (models.MODEL, {"name": "m"}, "vpcConfig", {"subnets": ["b", "a"]}, [{"subnets": ["a", "b"]}], {"subnets": ["a"]}),
    (
        models.CONFIGURATION,
        {"name": "c"},
        "productionVariants",
        [{"variantName": "v", "modelName": "m", "initialInstanceCount": 2}],
        [{"modelName": "m", "variantName": "v"}],
        [{"modelName": "other", "variantName": "v"}],
    ),
    (models.ENDPOINT, {"name": "e"}, "endpointConfigName", "c", "c", "d"),
    (functions.FUNCTION, {"name": "f"}, "role", _ROLE_ARN, _ROLE_ARN, f"{_ROLE_ARN}2"),
)


@pytest.mark.parametrize(("token", "base", "name", "before", "same", "other"), _PROPERTIES)
def test_a_property_has_drifted_where_its_meaning_has(
    token: str, base: Mapping[str, Any], name: str, before: object, same: object, other: object
) -> None:
    stack = declared(token, "x", {**base, name: before})
    assert _told(compared((stack,), account(there(token, "x", {**base, name: same})))) == []
    found = compared((stack,), account(there(token, "x", {**base, name: other})))
    assert _told(found) == [("drifted", token, "x", name)]
    (drift,) = found.differences
    assert (drift.urn, drift.file, drift.line) == (stack.source.urn, "components/x.py", 7)


def test_the_statements_that_differ_are_told() -> None:
    base = {"role": "r", "name": "p"}
    stack = declared(_INLINE, "r:p", {**base, "policy": policy("s3:GetObject")})
    (drift,) = compared((stack,), account(there(_INLINE, "r:p", {**base, "policy": policy("s3:*")}))).differences
    assert "s3:GetObject" in drift.declared[0]
    assert "s3:*" in drift.live[0]


def test_what_could_not_be_read_is_not_said_to_have_drifted() -> None:
    stack = declared(keys.KEY, "k", {**_KEY, "policy": policy("kms:*")})
    assert _told(compared((stack,), account(there(keys.KEY, "k", {**_KEY, "policy": UNKNOWN})))) == []


def test_a_missing_role_is_told_once_and_its_policies_with_it() -> None:
    role = declared(identities.ROLE, "r", _ROLE)
    inline = declared(_INLINE, "r:p", {"role": "r", "name": "p", "policy": policy("s3:*")})
    live_role = there(identities.ROLE, "r", _ROLE)
    live_inline = replace(inline, source=live_role.source)
    assert _told(compared((role, inline), account(live_role, live_inline))) == []
    assert _told(compared((role, inline), account())) == [("missing", identities.ROLE, "r", None)]
    assert _told(compared((role, inline), account(live_role))) == [("missing", _INLINE, "r:p", None)]


@pytest.mark.parametrize(
    "part",
    [
        there(_INLINE, "r:q", {"role": "r", "name": "q", "policy": policy("*")}),
        there(_ATTACHED, "r/a", {"role": "r", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        there(identities.PROFILE, "p", {"name": "p", "role": "r"}),
    ],
)
def test_what_is_put_on_a_known_role_is_undeclared(part: Record) -> None:
    stack, live_role = declared(identities.ROLE, "r", _ROLE), there(identities.ROLE, "r", _ROLE)
    assert _told(compared((stack,), account(live_role, part))) == [("undeclared", part.type, part.id, None)]


def test_an_undeclared_role_is_told_once_with_its_parts() -> None:
    inline = there(_INLINE, "r:q", {"role": "r", "name": "q", "policy": policy("*")})
    (found,) = compared((), account(there(identities.ROLE, "r", _ROLE), inline)).differences
    assert (found.kind, found.type, found.owner) == (DifferenceKind.UNDECLARED, identities.ROLE, "acme")
    assert "with 1 parts of its own" in found.why


def _grant(grantee: str, constraints: list[Any]) -> Record:
    properties = {"keyId": _KEY_ARN, "grantId": "g", "granteePrincipal": grantee, "constraints": constraints}
    return there(keys.GRANT, "k:g", properties)


_CONTEXT = [{"encryptionContextSubset": {"aws:ecr:arn": "x"}}]


@pytest.mark.parametrize(
    ("grantee", "constraints", "quiet"),
    [
        ("ecr.amazonaws.com", _CONTEXT, True),
        ("ecr.amazonaws.com", [], False),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-1", _CONTEXT, True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/aws-ec2-infrastructure/i-1", _CONTEXT, False),
        ("ecr.amazonaws.com.example", _CONTEXT, False),
        (_ROLE_ARN, _CONTEXT, False),
    ],
)
def test_only_grants_that_services_made_for_themselves_are_expected(
    grantee: str, constraints: list[Any], quiet: bool
) -> None:
    stack, key = declared(keys.KEY, "k", _KEY), there(keys.KEY, "k", _KEY)
    found = compared((stack,), account(key, _grant(grantee, constraints)))
    assert _told(found) == ([] if quiet else [("undeclared", keys.GRANT, "k:g", None)])
    assert bool(found.expected) is quiet


#: A resource that AWS or others made, and its twin that somebody put there.
_EXPECTED: tuple[tuple[Record, Record], ...] = (
    (
        there(identities.ROLE, "slr", {**_ROLE, "name": "slr", "path": "/aws-service-role/x.amazonaws.com/"}),
        there(identities.ROLE, "slr", {**_ROLE, "name": "slr", "path": "/service-role/"}),
    ),
    (
        there(buckets.BUCKET, "c", {"bucket": "c", "tags": {}}),
        there(buckets.BUCKET, "c", {"bucket": "c", "tags": {"tenant": "acme"}}),
    ),
    (
        there(buckets.PUBLIC_ACCESS, "b", {"bucket": "b", **_BLOCKED}),
        there(buckets.PUBLIC_ACCESS, "b", {"bucket": "b", **_BLOCKED, "blockPublicPolicy": False}),
    ),
    (
        there(buckets.OWNERSHIP, "b", {"bucket": "b", "rule": {"objectOwnership": "BucketOwnerEnforced"}}),
        there(buckets.OWNERSHIP, "b", {"bucket": "b", "rule": {"objectOwnership": "ObjectWriter"}}),
    ),
    (
        there(messaging.BUS, "default", {"name": "default"}),
        there(messaging.BUS_POLICY, "default", {"eventBusName": "default", "policy": policy("events:PutEvents")}),
    ),
    (
        there(network.ENDPOINT, "vpce-1", {"vpcId": "vpc-theirs"}),
        there(network.ENDPOINT, "vpce-1", {"vpcId": "vpc-ours"}),
    ),
    (
        there(keys.ALIAS, "alias/x", {"name": "alias/x", "targetKeyId": "theirs"}),
        there(keys.ALIAS, "alias/x", {"name": "alias/x", "targetKeyId": "k"}),
    ),
)


@pytest.mark.parametrize(("expected", "twin"), _EXPECTED)
def test_what_aws_and_others_make_is_expected_and_its_twin_is_not(expected: Record, twin: Record) -> None:
    stacks = (
        declared(buckets.BUCKET, "b", _BUCKET),
        declared(keys.KEY, "k", _KEY),
        declared("aws:ec2/vpc:Vpc", "vpc-ours", {}),
    )
    ours = (there(buckets.BUCKET, "b", _BUCKET), there(keys.KEY, "k", _KEY))
    found = compared(stacks, account(*ours, expected))
    assert (_told(found), sum(found.expected.values())) == ([], 1)
    twins = (*ours, twin) if twin.type != messaging.BUS_POLICY else (*ours, expected, twin)
    assert _told(compared(stacks, account(*twins))) == [("undeclared", twin.type, twin.id, None)]


def test_what_is_declared_as_known_is_quiet_and_what_is_not_met_is_told() -> None:
    role = there(identities.ROLE, "r", _ROLE)
    found = compared((), account(role), {"arn:aws:iam::*:role/?": "break glass", "arn:aws:iam::*:role/gone": "x"})
    assert _told(found) == []
    assert found.expected == {"declared as known: break glass": 1}
    assert found.unused == ("arn:aws:iam::*:role/gone",)


def test_a_type_that_was_not_read_has_nothing_missing() -> None:
    stacks = (
        declared(buckets.BUCKET, "b", _BUCKET),
        declared(buckets.BUCKET_POLICY, "b", {"bucket": "b", "policy": policy("s3:*")}),
    )
    whole = Hidden(buckets.BUCKET, "", "s3:ListAllMyBuckets", "denied")
    assert _told(compared(stacks, account(hidden=(whole,)))) == []
    part = Hidden(buckets.BUCKET_POLICY, "b", "s3:GetBucketPolicy", "denied")
    live = there(buckets.BUCKET, "b", _BUCKET)
    assert _told(compared(stacks, account(live, hidden=(part,)))) == []
    assert _told(compared(stacks, account(live))) == [("missing", buckets.BUCKET_POLICY, "b", None)]


def test_policies_written_in_other_forms_are_the_same() -> None:
    """A role's own inline and managed policies, a topic's own policy, and a key's policy as a resource."""
    topic = "arn:aws:sns:r:1:t"
    stacks = (
        declared(
            identities.ROLE,
            "r",
            {**_ROLE, "inlinePolicies": [{"name": "p", "policy": policy("s3:*")}], "managedPolicyArns": ["arn:x"]},
        ),
        declared(messaging.TOPIC, topic, {"arn": topic, "policy": policy("sns:*")}),
        declared(keys.KEY, "k", {**_KEY, "policy": policy("kms:Old")}),
        declared("aws:kms/keyPolicy:KeyPolicy", "k", {"keyId": _KEY_ARN, "policy": policy("kms:*")}),
    )
    live = (
        there(identities.ROLE, "r", _ROLE),
        there(_INLINE, "r:p", {"role": "r", "name": "p", "policy": policy("s3:*")}),
        there(_ATTACHED, "r/arn:x", {"role": "r", "policyArn": "arn:x"}),
        there(messaging.TOPIC, topic, {"arn": topic}),
        there(messaging.TOPIC_POLICY, topic, {"arn": topic, "policy": policy("sns:*")}),
        there(keys.KEY, "k", {**_KEY, "policy": policy("kms:*")}),
    )
    assert _told(compared(stacks, account(*live))) == []
    assert _told(compared(stacks, account(*live[:1], *live[2:]))) == [("missing", _INLINE, "r:p", None)]


def test_a_topics_policy_counts_where_it_is_a_resource_and_not_where_the_state_repeats_another() -> None:
    topic = "arn:aws:sns:r:1:t"
    stacks = (
        declared(messaging.TOPIC, topic, {"arn": topic, "policy": policy("sns:Default")}),
        declared(messaging.TOPIC_POLICY, topic, {"arn": topic, "policy": policy("sns:Own")}),
    )
    live = there(messaging.TOPIC, topic, {"arn": topic})
    own = there(messaging.TOPIC_POLICY, topic, {"arn": topic, "policy": policy("sns:Own")})
    assert _told(compared(stacks, account(live, own))) == []


def test_only_what_is_a_tenants_or_nobodys_is_told_of_it() -> None:
    """A role without a tag may be anybody's, so it is told to everybody who asks."""
    other = {**_ROLE, "tags": {"tenant": "globex"}, "name": "g"}
    live = account(
        there(identities.ROLE, "r", _ROLE),
        there(identities.ROLE, "g", other),
        there(identities.ROLE, "n", {"name": "n", "tags": {}}),
    )
    assert [each.id for each in compared((), live, tenants=frozenset({"acme"})).differences] == ["r", "n"]
    assert len(compared((), live).differences) == 3


def _tagged(arn: str) -> Record:
    return there(TOKEN, arn, {"arn": arn, "tags": {"tenant": "acme"}})


_INSTANCE = f"arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/i-1"


def test_what_bears_a_tenants_tag_is_told_whatever_its_type() -> None:
    (found,) = compared((), account(tagged=(_tagged(_INSTANCE),))).differences
    assert (found.kind, found.id, found.owner) == (DifferenceKind.UNDECLARED, _INSTANCE, "acme")
    assert _told(compared((), account(tagged=(_tagged(_INSTANCE),)), {"arn:*:instance/*": "theirs"})) == []


def test_what_bears_a_tag_and_is_read_declared_or_left_out_is_not_told_again() -> None:
    live = there(keys.KEY, "k", _KEY)
    stack = declared(keys.KEY, "k", _KEY)
    other = declared("aws:ec2/flowLog:FlowLog", "fl-1", {"arn": "arn:aws:ec2:r:1:vpc-flow-log/fl-1"})
    tagged = (_tagged(_KEY_ARN), _tagged("arn:aws:ec2:r:1:flow-logs/fl-1"), _tagged("arn:aws:kms:r:1:key/going"))
    found = compared((stack, other), account(live, tagged=tagged, left_out=("going",)))
    assert _told(found) == []
    assert found.beside == ()
