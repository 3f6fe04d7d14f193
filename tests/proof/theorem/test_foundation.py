"""No principal of a tenant changes what the proof rests on; each right that would let it, beside one that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.proof.report import Claim, Finding, Verdict
from infra.proof.theorem.guards import guarded, tagging
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate, trust
from tests.proof.theorem.estates import estate_of, with_policy

_REGION = "eu-central-1"
_KEY = f"arn:aws:kms:{_REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
_TRAIL = f"arn:aws:cloudtrail:{_REGION}:{ACCOUNT}:trail/all"
_LOGS = f"arn:aws:logs:{_REGION}:{ACCOUNT}:log-group:/all"
_SECRET = f"arn:aws:secretsmanager:{_REGION}:{ACCOUNT}:secret:acme-AbCdEf"
_ENDPOINT = f"arn:aws:ec2:{_REGION}:{ACCOUNT}:vpc-endpoint/vpce-1"


def _platform() -> Stack:
    stack = Stack("platform")
    stack.bucket("all-logs")
    stack.add("aws:cloudtrail/trail:Trail", "t", {"arn": _TRAIL, "name": "all"})
    stack.add("aws:cloudwatch/logGroup:LogGroup", "l", {"arn": _LOGS, "name": "/all"})
    return stack


def _tenant(*policies: str) -> Stack:
    stack = Stack("acme")
    stack.role("acme")
    stack.bucket("ml-acme")
    key = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    stack.add("aws:kms/key:Key", "k", {"arn": _KEY, "keyId": _KEY.rpartition("/")[2], "policy": key})
    stack.add("aws:secretsmanager/secret:Secret", "s", {"arn": _SECRET, "name": "acme", "tagsAll": {"tenant": "acme"}})
    endpoint = {"arn": _ENDPOINT, "serviceName": f"com.amazonaws.{_REGION}.s3", "tagsAll": {"tenant": "acme"}}
    stack.add("aws:ec2/vpcEndpoint:VpcEndpoint", "e", {**endpoint, "vpcId": "vpc-1"}, id="vpce-1")
    for number, policy in enumerate(policies):
        stack.add("aws:iam/rolePolicy:RolePolicy", f"p{number}", {"role": "acme", "policy": policy})
    return stack


def _leaks(*policies: str) -> list[Finding]:
    report = prove(estate(_platform(), _tenant(*policies)), only={Claim.FOUNDATION})
    assert {one.verdict for one in report.findings} <= {Verdict.LEAK}
    return list(report.findings)


_HARMFUL = {
    "its own rights": allow("iam:PutRolePolicy"),
    "anybody's rights": allow("iam:CreateRole", "iam:AttachRolePolicy", resource=f"arn:aws:iam::{ACCOUNT}:role/x-*"),
    "its bucket's policy": allow("s3:PutBucketPolicy", resource="arn:aws:s3:::ml-acme"),
    "its bucket's encryption": allow("s3:PutEncryptionConfiguration", resource="arn:aws:s3:::ml-*"),
    "the public access of its bucket": allow("s3:PutBucketPublicAccessBlock"),
    "the public access of the account": allow("s3:PutAccountPublicAccessBlock"),
    "its key's policy": allow("kms:PutKeyPolicy", resource=_KEY),
    "its key's end": allow("kms:ScheduleKeyDeletion", resource=_KEY),
    "a grant for anybody": allow("kms:CreateGrant", resource=_KEY),
    "its endpoint": allow("ec2:ModifyVpcEndpoint", resource=_ENDPOINT),
    "the trail": allow("cloudtrail:StopLogging", resource=_TRAIL),
    "the logs of all": allow("logs:DeleteLogGroup", resource=f"{_LOGS}*"),
    "the access logs": allow("s3:DeleteObject", resource="arn:aws:s3:::all-logs/*"),
    "whose its secret is": allow("secretsmanager:TagResource", resource=_SECRET),
    "that its secret is somebody's": allow("secretsmanager:UntagResource", resource=_SECRET),
    "the identity providers": allow("iam:UpdateOpenIDConnectProviderThumbprint", "iam:CreateOpenIDConnectProvider"),
}
_HARMLESS = {
    "its objects": allow("s3:GetObject", "s3:PutObject", "s3:DeleteObject", resource="arn:aws:s3:::ml-acme/*"),
    "the tags of its objects": allow("s3:PutObjectTagging", resource="arn:aws:s3:::ml-acme/*"),
    "its key": allow("kms:Decrypt", "kms:GenerateDataKey", resource=_KEY),
    "a grant for a service": allow(
        "kms:CreateGrant", resource=_KEY, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}
    ),
    "to see": allow("iam:Get*", "iam:List*", "cloudtrail:Get*", "s3:GetBucket*", "kms:DescribeKey", "ec2:Describe*"),
    "its role for a service": allow("iam:PassRole", resource=f"arn:aws:iam::{ACCOUNT}:role/acme"),
    "its own logs": allow("logs:DeleteLogGroup", resource=f"arn:aws:logs:{_REGION}:{ACCOUNT}:log-group:/acme/*"),
    "the logs of all, to write": allow("logs:PutLogEvents", resource=f"{_LOGS}*"),
    "its secret's tags, as they are": allow(
        "secretsmanager:TagResource", resource=_SECRET, Condition={"StringEquals": {"aws:RequestTag/tenant": "acme"}}
    ),
    "its secret's other tags": allow(
        "secretsmanager:TagResource",
        "secretsmanager:UntagResource",
        resource=_SECRET,
        Condition={"ForAllValues:StringNotEquals": {"aws:TagKeys": "tenant"}},
    ),
    "to hand interfaces to a service": allow("ec2:CreateNetworkInterfacePermission"),
}


@pytest.mark.parametrize("policy", _HARMFUL.values(), ids=_HARMFUL)
def test_a_right_to_change_it_is_found(policy: str) -> None:
    found = _leaks(policy)
    assert found
    assert {(one.from_, one.claim) for one in found} == {("acme", Claim.FOUNDATION)}
    (action, *more) = json.loads(policy)["Statement"][0]["Action"]
    assert {one.action for one in found} <= {action, *more}
    assert all(one.statements and one.statements[0].urn for one in found)


@pytest.mark.parametrize("policy", _HARMLESS.values(), ids=_HARMLESS)
def test_a_right_that_changes_nothing_is_not(policy: str) -> None:
    assert _leaks(policy) == []


def test_a_boundary_that_denies_it_is_enough() -> None:
    guarded_ = _tenant()
    arn = f"arn:aws:iam::{ACCOUNT}:policy/b"
    allowed = {"Effect": "Allow", "Action": ["s3:GetBucket*", "s3:PutBucket*"], "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "s3:PutBucket*", "Resource": "*"}
    boundary = {"Version": "2012-10-17", "Statement": [allowed, denied]}
    guarded_.add("aws:iam/policy:Policy", "b", {"arn": arn, "name": "b", "policy": json.dumps(boundary)})
    guarded_.role("worker", permissionsBoundary=arn)
    guarded_.add("aws:iam/rolePolicy:RolePolicy", "w", {"role": "worker", "policy": allow("*")})
    assert prove(estate(_platform(), guarded_), only={Claim.FOUNDATION}).findings == ()
    guarded_.add("aws:iam/rolePolicy:RolePolicy", "a", {"role": "acme", "policy": allow("s3:PutBucketPolicy")})
    assert prove(estate(_platform(), guarded_), only={Claim.FOUNDATION}).findings


def test_what_a_tenant_changes_through_a_role_of_the_platform_is_told_with_the_chain() -> None:
    platform = _platform()
    platform.role("operator", assumeRolePolicy=trust(AWS=f"arn:aws:iam::{ACCOUNT}:role/acme"))
    operate = allow("cloudtrail:StopLogging", resource=_TRAIL)
    platform.add("aws:iam/rolePolicy:RolePolicy", "o", {"role": "operator", "policy": operate})
    (leak,) = prove(estate(platform, _tenant()), only={Claim.FOUNDATION}).findings
    assert [one.kind for one in leak.chain] == ["assume-role"]
    assert (leak.from_, leak.to, leak.action) == ("acme", "platform", "cloudtrail:StopLogging")


def test_our_own_tenant_without_its_denials_and_with_a_right_more_is_found() -> None:
    def widen(document: dict[str, Any]) -> None:
        statement = {"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*"}
        document["Statement"].append(
            {**statement, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/bulkhead/dev/acme/bh-dev-acme-training"}}
        )

    def weaken(document: dict[str, Any]) -> None:
        document["Statement"] = [one for one in document["Statement"] if one.get("Sid") != "ChangeNoGuard"]
        document["Statement"].append({"Effect": "Allow", "Action": "kms:PutKeyPolicy", "Resource": "*"})

    widened = with_policy("acme key", "policy", widen, token="aws:kms/key:Key")
    assert prove(estate_of(widened), only={Claim.FOUNDATION}).findings == ()
    both = with_policy("acme roles-boundary", "policy", weaken, those=widened)
    (leak,) = prove(estate_of(both), only={Claim.FOUNDATION}).findings
    assert (leak.action, leak.from_) == ("kms:PutKeyPolicy", "acme")


def test_every_action_of_the_level_is_guarded_but_for_those_that_are_reviewed() -> None:
    assert {"kms:CreateGrant", "kms:PutKeyPolicy", "kms:RevokeGrant"} <= set(guarded("kms", shared=False))
    assert "kms:RetireGrant" not in guarded("kms", shared=False)
    assert "iam:PassRole" not in guarded("iam", shared=True)
    assert "logs:DeleteLogGroup" not in guarded("logs", shared=False)
    assert "logs:DeleteLogGroup" in guarded("logs", shared=True)
    assert guarded("no-such-service", shared=True) == ()
    assert "iam:TagRole" in tagging("iam")
