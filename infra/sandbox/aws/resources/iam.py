"""IAM roles, policies and identity providers. Source: Pulumi registry, "aws.iam"; IAM API Reference."""

import json
from typing import Any

from botocore.exceptions import ClientError

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.errors import code
from infra.sandbox.aws.wire import Properties

_VERSIONS_KEPT = 5
"""IAM and AWS STS quotas: versions of a managed policy that can be stored."""


def _delete_role(action: Action) -> None:
    if action.props.get("forceDetachPolicies"):
        for policy in action.api("list_attached_role_policies", RoleName=action.id)["AttachedPolicies"]:
            action.api("detach_role_policy", RoleName=action.id, PolicyArn=policy["PolicyArn"])
        for name in action.api("list_role_policies", RoleName=action.id)["PolicyNames"]:
            action.api("delete_role_policy", RoleName=action.id, PolicyName=name)
    for profile in action.api("list_instance_profiles_for_role", RoleName=action.id)["InstanceProfiles"]:
        action.api(
            "remove_role_from_instance_profile",
            RoleName=action.id,
            InstanceProfileName=profile["InstanceProfileName"],
        )
    action.api("delete_role", RoleName=action.id)


def _other_versions(action: Action) -> list[dict[str, Any]]:
    versions = action.api("list_policy_versions", PolicyArn=action.id)["Versions"]
    return [version for version in versions if not version["IsDefaultVersion"]]


def _new_version(action: Action) -> None:
    others = _other_versions(action)
    if len(others) >= _VERSIONS_KEPT - 1:
        oldest = min(others, key=lambda version: version["CreateDate"])
        action.api("delete_policy_version", PolicyArn=action.id, VersionId=oldest["VersionId"])
    action.api("create_policy_version", PolicyArn=action.id, PolicyDocument=action.props["policy"], SetAsDefault=True)


def _document(action: Action, _: Properties) -> Properties:
    version = action.api("get_policy", PolicyArn=action.id)["Policy"]["DefaultVersionId"]
    found = action.api("get_policy_version", PolicyArn=action.id, VersionId=version)["PolicyVersion"]["Document"]
    return {"policy": found if isinstance(found, str) else json.dumps(found)}


def _delete_policy(action: Action) -> None:
    for version in _other_versions(action):
        action.api("delete_policy_version", PolicyArn=action.id, VersionId=version["VersionId"])
    action.api("delete_policy", PolicyArn=action.id)


def _clients(action: Action) -> None:
    new, old = set[str](action.props.get("clientIdLists") or ()), set[str](action.old.get("clientIdLists") or ())
    for client in sorted(new - old):
        action.api("add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=action.id, ClientID=client)
    for client in sorted(old - new):
        action.api(
            "remove_client_id_from_open_id_connect_provider", OpenIDConnectProviderArn=action.id, ClientID=client
        )


def _same_url(one: str, other: str) -> bool:
    """IAM answers the URL without its scheme."""
    return one.removeprefix("https://") == other.removeprefix("https://")


def _is_attached(action: Action, state: Properties) -> Properties | None:
    try:
        pages = action.aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=state["role"])
        attached = pages.build_full_result()["AttachedPolicies"]
    except ClientError as error:
        if code(error) != "NoSuchEntity":
            raise
        return None
    return {} if any(policy["PolicyArn"] == state["policyArn"] for policy in attached) else None


RESOURCES = (
    Resource(
        type="aws:iam/role:Role",
        service="iam",
        id="{name}",
        identity={"RoleName": "{name}"},
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument", "uniqueId": "RoleId"},
        create=Call("create_role"),
        reads=(
            Read("get_role", at="Role", names={"permissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn"}),
        ),
        updates=(
            Call(
                "update_assume_role_policy",
                names={"assumeRolePolicy": "PolicyDocument"},
                properties=("assumeRolePolicy",),
            ),
            Call("update_role", properties=("description", "maxSessionDuration")),
            Call(
                "put_role_permissions_boundary",
                properties=("permissionsBoundary",),
                remove=Call("delete_role_permissions_boundary", properties=()),
            ),
        ),
        delete=_delete_role,
        missing=("NoSuchEntity",),
        local=("forceDetachPolicies",),
        autoname=Autoname("name", longest=64),
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        tags=Tags("tag_role", "untag_role", "list_role_tags", "{name}"),
        # Names are given or automatic here; a role's policies are resources of their own.
        absent=("namePrefix", "inlinePolicies", "managedPolicyArns"),
        retry=("MalformedPolicyDocument: Invalid principal",),
    ),
    Resource(
        type="aws:iam/rolePolicy:RolePolicy",
        service="iam",
        id="{role}:{name}",
        identity={"RoleName": "{role}", "PolicyName": "{name}"},
        names={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
        create=Call("put_role_policy"),
        updates=(Call("put_role_policy"),),
        reads=(Read("get_role_policy"),),
        delete=Call("delete_role_policy", properties=()),
        missing=("NoSuchEntity",),
        autoname=Autoname("name", longest=128),
        absent=("namePrefix",),  # names are given or automatic here
    ),
    Resource(
        type="aws:iam/policy:Policy",
        service="iam",
        id="Policy.Arn",
        identity={"PolicyArn": "{id}"},
        names={"name": "PolicyName", "policy": "PolicyDocument"},
        create=Call("create_policy"),
        reads=(Read("get_policy", at="Policy"),),
        updates=(Step(("policy",), _new_version),),
        delete=_delete_policy,
        missing=("NoSuchEntity",),
        autoname=Autoname("name", longest=128),
        defaults={"path": "/"},
        complete=_document,
        tags=Tags("tag_policy", "untag_policy", "list_policy_tags", "{id}"),
        absent=("namePrefix",),  # names are given or automatic here
    ),
    Resource(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        service="iam",
        id="{role}/{policyArn}",
        identity={"RoleName": "{role}", "PolicyArn": "{policyArn}"},
        names={"role": "RoleName"},
        create=Call("attach_role_policy"),
        reads=(),
        complete=_is_attached,
        delete=Call("detach_role_policy", properties=()),
        missing=("NoSuchEntity",),
        delete_before_replace=True,
    ),
    Resource(
        type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        service="iam",
        id="OpenIDConnectProviderArn",
        identity={"OpenIDConnectProviderArn": "{id}"},
        create=Call("create_open_id_connect_provider"),
        reads=(Read("get_open_id_connect_provider"),),
        updates=(
            Call("update_open_id_connect_provider_thumbprint", properties=("thumbprintLists",)),
            Step(("clientIdLists",), _clients),
        ),
        delete=Call("delete_open_id_connect_provider", properties=()),
        missing=("NoSuchEntity",),
        templates={"arn": "{id}"},
        same={"url": _same_url},
        tags=Tags("tag_open_id_connect_provider", "untag_open_id_connect_provider", None, "{id}"),
    ),
    Resource(
        type="aws:iam/samlProvider:SamlProvider",
        service="iam",
        id="SAMLProviderArn",
        identity={"SAMLProviderArn": "{id}"},
        create=Call("create_saml_provider"),
        reads=(Read("get_saml_provider"),),
        updates=(Call("update_saml_provider", properties=("samlMetadataDocument",)),),
        delete=Call("delete_saml_provider", properties=()),
        missing=("NoSuchEntity",),
        autoname=Autoname("name", longest=128),
        templates={"arn": "{id}"},
        complete=lambda action, _: {"name": action.id.rpartition("/")[2]},
        tags=Tags("tag_saml_provider", "untag_saml_provider", None, "{id}"),
    ),
)
"""IAM entries of the table."""
