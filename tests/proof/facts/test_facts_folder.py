"""A folder as the AWS CLI fills it, for estates that no Pulumi made."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from infra.evaluator.document import Policy
from infra.proof.facts import Estate, Owners, RouteKind, Unreadable, assemble, read_folder
from tests.proof.facts.exports import ACCOUNT, allow, trust

_IAM = f"arn:aws:iam::{ACCOUNT}:"
_KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k"
_ROOT = {"AWS": f"{_IAM}root"}

_DETAILS: dict[str, Any] = {
    "RoleDetailList": [
        {
            "Arn": f"{_IAM}role/r",
            "RoleName": "r",
            "AssumeRolePolicyDocument": json.loads(trust(Service="lambda.amazonaws.com")),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": json.loads(allow("s3:GetObject"))}],
            "AttachedManagedPolicies": [{"PolicyName": "m", "PolicyArn": f"{_IAM}policy/m"}],
            "PermissionsBoundary": {"PermissionsBoundaryArn": f"{_IAM}policy/m"},
            "Tags": [{"Key": "tenant", "Value": "acme"}],
            "InstanceProfileList": [{"Arn": f"{_IAM}instance-profile/p", "InstanceProfileName": "p"}],
        }
    ],
    "UserDetailList": [{"Arn": f"{_IAM}user/u", "UserName": "u", "GroupList": ["g"]}],
    "GroupDetailList": [
        {
            "Arn": f"{_IAM}group/g",
            "GroupName": "g",
            "GroupPolicyList": [
                {"PolicyName": "own", "PolicyDocument": urllib.parse.quote(allow("s3:PutObject"), safe="")}
            ],
        }
    ],
    "Policies": [
        {
            "Arn": f"{_IAM}policy/m",
            "PolicyName": "m",
            "PolicyVersionList": [
                {"Document": json.loads(allow("s3:*")), "IsDefaultVersion": False},
                {"Document": json.loads(allow("sqs:*")), "IsDefaultVersion": True},
            ],
        }
    ],
}


def _written(folder: Path, **files: object) -> Estate:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return assemble(read_folder(folder), owners=Owners({"arn:aws:s3:::b": "globex"}))


def _actions(policy: Policy | object) -> list[str]:
    assert isinstance(policy, Policy)
    return [action for statement in policy.statements for action in statement.actions or ()]


def test_an_accounts_authorization_details_give_its_principals(tmp_path: Path) -> None:
    found = _written(tmp_path, details=_DETAILS)
    role, user = found.principals
    assert found.unknown == ()
    assert [_actions(each.compiled()) for each in role.identity] == [["s3:getobject"], ["sqs:*"]]
    assert role.boundary is not None
    assert _actions(role.boundary.compiled()) == ["sqs:*"]
    assert role.trust is not None
    assert _actions(role.trust.compiled()) == ["sts:assumerole"]
    assert (role.owner, user.owner) == ("acme", None)
    assert [_actions(each.compiled()) for each in user.identity] == [["s3:putobject"]]
    assert role.source.file == str(tmp_path / "details.json")


def test_buckets_keys_grants_and_endpoints_are_read(tmp_path: Path) -> None:
    grant = {"KeyId": _KEY, "GranteePrincipal": f"{_IAM}role/r", "Operations": ["Decrypt"], "GrantId": "g"}
    endpoint = {"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-central-1.s3"}
    found = _written(
        tmp_path,
        bucket={"Bucket": "b", "Policy": allow("s3:GetObject", resource="arn:aws:s3:::b/*", Principal=_ROOT)},
        key={"KeyMetadata": {"Arn": _KEY, "KeyId": "k"}, "Tags": [{"TagKey": "tenant", "TagValue": "acme"}]},
        grants={"Grants": [grant]},
        endpoints={"VpcEndpoints": [{**endpoint, "VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-1"]}]},
    )
    bucket, key = (next(each for each in found.resources if each.arn == arn) for arn in ("arn:aws:s3:::b", _KEY))
    assert bucket.owner == "globex"
    assert len(bucket.policies) == 1
    assert key.owner == "acme"
    assert [each.grant.key for each in found.grants] == [_KEY]
    (route,) = found.routes
    assert (route.id, route.kind, route.service, route.tables) == ("vpce-1", RouteKind.GATEWAY, "s3", ("rtb-1",))
    assert _actions(route.policy.compiled()) == ["*"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"RoleDetailList": [{}]}', '{"RoleDetailList": 7}', '{"KeyMetadata": 7}', "7"]
)
def test_what_the_cli_does_not_write_is_refused_with_its_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "answer.json").write_text(content)
    with pytest.raises(Unreadable, match=r"answer\.json"):
        read_folder(tmp_path)


def test_a_folder_that_is_empty_or_not_there_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(Unreadable):
            read_folder(folder)
