"""Every kind is read into the records that an export would have, and what is not to be read is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.live.account import Unread
from infra.live.kinds import buckets, functions, identities, keys, messaging, models, network, organization, registries
from infra.live.kinds import secrets as secret_kinds
from infra.planned import UNKNOWN
from infra.proof.facts import assemble
from tests.live.told_accounts import Answers, denied, of_type, read_told
from tests.live.worlds import ACCOUNT, REGION, policy, trust


def _details(**lists: Any) -> Answers:
    return {"iam get_account_authorization_details": lists}


_TAGS = [{"Key": "tenant", "Value": "acme"}]
_ROLE = {
    "RoleName": "r",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/x/r",
    "Path": "/x/",
    "AssumeRolePolicyDocument": trust(ACCOUNT),
    "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/b"},
    "Tags": _TAGS,
    "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D"}],
    "AttachedManagedPolicies": [{"PolicyName": "A", "PolicyArn": "arn:aws:iam::aws:policy/A"}],
    "InstanceProfileList": [{"InstanceProfileName": "ip", "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/ip"}],
}


def test_a_role_has_its_policies_attachments_and_profiles() -> None:
    found = read_told(
        {
            **_details(RoleDetailList=[_ROLE]),
            "iam get_policy arn:aws:iam::aws:policy/A": {"Policy": {"DefaultVersionId": "v2"}},
            "iam get_policy_version arn:aws:iam::aws:policy/A v2": {
                "PolicyVersion": {"Document": {"Version": "2012-10-17", "Statement": []}}
            },
        }
    )
    (role,) = of_type(found, identities.ROLE)
    assert role.id == "r"
    assert role.properties["permissionsBoundary"] == "arn:aws:iam::1:policy/b"
    assert role.properties["tags"] == {"tenant": "acme"}
    (inline,) = of_type(found, "aws:iam/rolePolicy:RolePolicy")
    assert json.loads(inline.properties["policy"]) == {"Version": "2012-10-17"}
    (attached,) = of_type(found, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert attached.id == "r/arn:aws:iam::aws:policy/A"
    assert [each.properties["role"] for each in of_type(found, identities.PROFILE)] == ["r"]
    assert json.loads(found.managed["arn:aws:iam::aws:policy/A"]) == {"Version": "2012-10-17", "Statement": []}


def test_a_users_groups_and_access_keys_are_read() -> None:
    user = {"UserName": "u", "Arn": f"arn:aws:iam::{ACCOUNT}:user/u", "GroupList": ["g"]}
    group = {
        "GroupName": "g",
        "Arn": f"arn:aws:iam::{ACCOUNT}:group/g",
        "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": policy("s3:*")}],
    }
    listed = {"AccessKeyMetadata": [{"AccessKeyId": "AKIA1", "Status": "Active"}]}
    answers = {
        **_details(UserDetailList=[user], GroupDetailList=[group]),
        "iam list_access_keys u": listed,
    }
    found = read_told(answers)
    assert [(each.id, each.properties["user"]) for each in of_type(found, identities.ACCESS_KEY)] == [("AKIA1", "u")]
    (principal,) = assemble(found.records).principals
    assert [each.text for each in principal.identity] == [policy("s3:*")]


_KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"


def _key(manager: str = "CUSTOMER", state: str = "Enabled") -> dict[str, Any]:
    metadata = {"Enabled": state == "Enabled", "KeyManager": manager, "KeyState": state}
    grant = {
        "GrantId": "g",
        "GranteePrincipal": "arn:aws:iam::1:role/r",
        "Operations": ["Decrypt"],
        "Constraints": {"EncryptionContextSubset": {"a": "b"}},
    }
    return {
        "kms list_keys": {"Keys": [{"KeyId": "k", "KeyArn": _KEY_ARN}]},
        "kms describe_key": {"KeyMetadata": metadata},
        "kms get_key_policy": {"Policy": policy("kms:*", Principal="*")},
        "kms get_key_rotation_status": {"KeyRotationEnabled": True},
        "kms list_resource_tags": {"Tags": [{"TagKey": "tenant", "TagValue": "acme"}]},
        "kms list_grants": {"Grants": [grant]},
    }


def test_a_key_has_its_policy_rotation_tags_and_grants() -> None:
    found = read_told(_key())
    (key,) = of_type(found, keys.KEY)
    assert key.properties["enableKeyRotation"] is True
    assert key.properties["tags"] == {"tenant": "acme"}
    estate = assemble(found.records)
    (grant,) = estate.grants
    assert (grant.grant.grantee, grant.grant.key) == ("arn:aws:iam::1:role/r", _KEY_ARN)
    assert grant.grant.context_subset == {"a": "b"}
    (resource,) = estate.resources
    assert (resource.owner, len(resource.policies)) == ("acme", 1)


@pytest.mark.parametrize(("manager", "state"), [("AWS", "Enabled"), ("CUSTOMER", "PendingDeletion")])
def test_keys_of_aws_and_keys_that_go_are_counted_and_left_out(manager: str, state: str) -> None:
    found = read_told(_key(manager, state))
    assert found.records == ()
    assert sum(found.skipped.values()) == 1
    assert found.left_out == {"k", _KEY_ARN}


def test_a_key_that_cannot_be_rotated_is_read_without_that() -> None:
    cannot = Unread("kms", "GetKeyRotationStatus", "UnsupportedOperationException", "asymmetric")
    found = read_told({**_key(), "kms get_key_rotation_status": cannot})
    assert "enableKeyRotation" not in of_type(found, keys.KEY)[0].properties
    assert found.hidden == ()


def test_a_disabled_key_is_still_read() -> None:
    (key,) = of_type(read_told(_key(state="Disabled")), keys.KEY)
    assert key.properties["isEnabled"] is False


def test_a_bucket_has_its_settings_and_no_more_than_are_set() -> None:
    owner = {"Grantee": {"ID": "me", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    everybody = {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
    answers: dict[str, Any] = {
        "s3 list_buckets": {"Buckets": [{"Name": "a"}, {"Name": "b"}]},
        "s3 get_bucket_policy a": {"Policy": policy("s3:*", Principal="*")},
        "s3 get_bucket_versioning a": {"Status": "Enabled"},
        "s3 get_bucket_versioning b": {},
        "s3 get_public_access_block a": {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": False,
            }
        },
        "s3 get_bucket_acl a": {"Owner": {"ID": "me"}, "Grants": [owner]},
        "s3 get_bucket_acl b": {"Owner": {"ID": "me"}, "Grants": [owner, everybody]},
    }
    found = read_told(answers)
    assert {(each.type, each.id) for each in found.records} == {
        (buckets.BUCKET, "a"),
        (buckets.BUCKET_POLICY, "a"),
        (buckets.VERSIONING, "a"),
        (buckets.PUBLIC_ACCESS, "a"),
        (buckets.BUCKET, "b"),
        (buckets.ACL, "b"),
    }
    (block,) = of_type(found, buckets.PUBLIC_ACCESS)
    assert block.properties["restrictPublicBuckets"] is False
    estate = assemble(found.records)
    assert [(each.type, each.could_matter) for each in estate.not_modelled] == [(buckets.ACL, True)]


def test_an_endpoint_is_a_route() -> None:
    endpoint = {
        "VpcEndpointId": "vpce-1",
        "ServiceName": f"com.amazonaws.{REGION}.s3",
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-1",
        "State": "available",
        "PolicyDocument": policy("s3:*", Principal="*"),
        "RouteTableIds": ["rtb-1"],
        "Tags": _TAGS,
    }
    gone = {**endpoint, "VpcEndpointId": "vpce-2", "State": "deleted"}
    found = read_told({"ec2 describe_vpc_endpoints": {"VpcEndpoints": [endpoint, gone]}})
    (route,) = assemble(found.records).routes
    assert (route.id, route.service, route.tables, route.owner) == ("vpce-1", "s3", ("rtb-1",), "acme")
    assert [each.type for each in found.records] == [network.ENDPOINT]


_REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/x/y"
_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"
_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:s-a1b2c3"
_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
_GROUP = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/g"
_BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/b"
_OPEN = policy("x:y", Principal="*")

#: Answers, and the type of the resource and of its policy, with the property that holds that.
_WITH_POLICIES: tuple[tuple[Answers, str, str, str], ...] = (
    (
        {
            "ecr describe_repositories": {
                "repositories": [
                    {"repositoryName": "x/y", "repositoryArn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/x/y"}
                ]
            },
            "ecr get_repository_policy": {"policyText": _OPEN},
            "ecr list_tags_for_resource": {"tags": _TAGS},
        },
        registries.REPOSITORY,
        registries.REPOSITORY_POLICY,
        "policy",
    ),
    (
        {
            "sns list_topics": {"Topics": [{"TopicArn": _TOPIC}]},
            "sns get_topic_attributes": {"Attributes": {"Policy": _OPEN}},
            "sns list_tags_for_resource": {"Tags": _TAGS},
        },
        messaging.TOPIC,
        messaging.TOPIC_POLICY,
        "policy",
    ),
    (
        {
            "sqs list_queues": {"QueueUrls": [_QUEUE]},
            "sqs get_queue_attributes": {
                "Attributes": {"QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "Policy": _OPEN}
            },
            "sqs list_queue_tags": {"Tags": {"tenant": "acme"}},
        },
        messaging.QUEUE,
        messaging.QUEUE_POLICY,
        "policy",
    ),
    (
        {
            "events list_event_buses": {"EventBuses": [{"Name": "b", "Arn": _BUS, "Policy": _OPEN}]},
            "events list_tags_for_resource": {"Tags": _TAGS},
        },
        messaging.BUS,
        messaging.BUS_POLICY,
        "policy",
    ),
    (
        {
            "secretsmanager list_secrets": {"SecretList": [{"ARN": _SECRET, "Name": "s", "Tags": _TAGS}]},
            "secretsmanager get_resource_policy": {"ResourcePolicy": _OPEN},
        },
        secret_kinds.SECRET,
        secret_kinds.SECRET_POLICY,
        "policy",
    ),
    (
        {
            "sagemaker list_model_package_groups": {
                "ModelPackageGroupSummaryList": [{"ModelPackageGroupName": "g", "ModelPackageGroupArn": _GROUP}]
            },
            "sagemaker get_model_package_group_policy": {"ResourcePolicy": _OPEN},
            "sagemaker list_tags": {"Tags": _TAGS},
        },
        models.GROUP,
        models.GROUP_POLICY,
        "resourcePolicy",
    ),
)


@pytest.mark.parametrize(("answers", "token", "of_policy", "key"), _WITH_POLICIES)
def test_resources_have_their_owners_and_policies(answers: Answers, token: str, of_policy: str, key: str) -> None:
    found = read_told(answers)
    (document,) = of_type(found, of_policy)
    assert document.properties[key] == _OPEN
    (resource,) = (each for each in assemble(found.records).resources if each.token == token)
    assert (resource.owner, [each.text for each in resource.policies]) == ("acme", [_OPEN])


def test_a_functions_permissions_are_read_a_statement_each() -> None:
    statement = {
        "Sid": "s1",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": _FUNCTION,
        "Condition": {"StringEquals": {"AWS:SourceAccount": "1"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}},
    }
    found = read_told(
        {
            "lambda list_functions": {"Functions": [{"FunctionName": "f", "FunctionArn": _FUNCTION, "Role": "arn:r"}]},
            "lambda get_policy": {"Policy": json.dumps({"Statement": [statement]})},
        }
    )
    (permission,) = of_type(found, functions.PERMISSION)
    assert permission.properties == {
        "function": "f",
        "statementId": "s1",
        "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com",
        "sourceAccount": "1",
        "sourceArn": "arn:aws:s3:::b",
    }


def test_a_models_role_is_what_its_code_runs_as() -> None:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m"
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    found = read_told(
        {
            "sagemaker list_models": {"Models": [{"ModelName": "m", "ModelArn": arn}]},
            "sagemaker describe_model": {
                "ExecutionRoleArn": role,
                "EnableNetworkIsolation": True,
                "VpcConfig": {"SecurityGroupIds": ["sg"], "Subnets": ["s"]},
            },
        }
    )
    (model,) = assemble(found.records).resources
    assert model.runs_as == (role,)


_SCP = {"Id": "p-1", "Arn": "arn:aws:organizations::1:policy/o-1/p-1", "Name": "n", "Type": "SERVICE_CONTROL_POLICY"}


def test_policies_of_the_organisation_are_read_where_they_may_be_seen() -> None:
    found = read_told(
        {
            "organizations list_policies SERVICE_CONTROL_POLICY": {"Policies": [_SCP]},
            "organizations describe_policy": {"Policy": {"Content": policy("s3:*")}},
            "organizations list_targets_for_policy": {"Targets": [{"TargetId": ACCOUNT}]},
        }
    )
    (control,) = assemble(found.records).controls
    assert (control.target, control.policy.text) == (ACCOUNT, policy("s3:*"))


def test_without_the_organisations_policies_nothing_is_lost() -> None:
    """They only deny, so the proof without them is of the worst case; of everything else it is not."""
    answers = {
        "organizations list_policies": denied("organizations", "ListPolicies"),
        "sqs list_queues": denied("sqs", "ListQueues"),
    }
    assert {(each.token, each.lost) for each in read_told(answers).hidden} == {
        (organization.POLICY, False),
        (messaging.QUEUE, True),
    }
    nothing = Unread("organizations", "ListPolicies", "AWSOrganizationsNotInUseException", "not a member")
    assert read_told({"organizations list_policies": nothing}).hidden == ()


def test_a_part_that_is_denied_is_unknown_and_named_and_the_rest_is_read() -> None:
    answers = {**_key(), "kms get_key_policy": denied("kms", "GetKeyPolicy")}
    found = read_told(answers)
    (key,) = of_type(found, keys.KEY)
    assert key.properties["policy"] is UNKNOWN
    assert key.properties["tags"] == {"tenant": "acme"}
    (hidden,) = found.hidden
    assert (hidden.token, hidden.resource, hidden.action, hidden.lost) == (keys.KEY, "k", "kms:GetKeyPolicy", True)
    assert "no identity-based policy allows it" in hidden.why
    assert [each.property for each in assemble(found.records).unknown] == ["policy"]


def test_what_is_gone_since_it_was_listed_is_not_there() -> None:
    answers = {key: answer for key, answer in _key().items() if key != "kms describe_key"}
    assert read_told(answers).records == ()


def test_aws_own_policy_that_is_not_to_be_read_is_named() -> None:
    answers = {"iam get_policy": denied("iam", "GetPolicy")}
    found = read_told({**_details(RoleDetailList=[_ROLE]), **answers})
    assert [(each.resource, each.action) for each in found.hidden] == [
        ("arn:aws:iam::aws:policy/A", "iam:GetPolicyVersion")
    ]
    without = {**_ROLE, "AttachedManagedPolicies": []}
    assert read_told({**_details(RoleDetailList=[without]), **answers}).hidden == ()


def test_what_bears_a_tenants_tag_is_found_but_for_tenants_own_work() -> None:
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
    arns = ("training-job/j", "model-package/g/1", "app/a", "processing-job/p", "inference-component/i")
    mapped = [{"ResourceARN": prefix + each, "Tags": _TAGS} for each in arns]
    found = read_told({"resourcegroupstaggingapi get_resources": {"ResourceTagMappingList": mapped}})
    assert [each.id for each in found.tagged] == [prefix + "app/a", prefix + "inference-component/i"]
    answers = {"resourcegroupstaggingapi get_resources": denied("resourcegroupstaggingapi", "GetResources")}
    assert [each.action for each in read_told(answers).hidden] == ["tag:GetResources"]
