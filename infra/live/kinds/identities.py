"""Roles, users, groups, policies, access keys and identity providers.

Sources: IAM API Reference, "GetAccountAuthorizationDetails", "ListPolicies", "GetPolicyVersion", "ListAccessKeys",
"GetOpenIDConnectProvider", "GetSAMLProvider".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.live.entry import Found, Item, Kind, Part, document, given, tags, tags_part

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
GROUP = "aws:iam/group:Group"
POLICY = "aws:iam/policy:Policy"
ACCESS_KEY = "aws:iam/accessKey:AccessKey"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"
_DETAILS = "get_account_authorization_details"
_DETAILS_ACTION = "iam:GetAccountAuthorizationDetails"


def _identity(detail: Item, name: str) -> dict[str, Any]:
    boundary: Item = detail.get("PermissionsBoundary") or {}
    return given(
        {
            "arn": detail["Arn"],
            "name": name,
            "path": detail.get("Path") or "/",
            "permissionsBoundary": boundary.get("PermissionsBoundaryArn"),
            "tags": tags(detail.get("Tags")),
        }
    )


def _held(detail: Item, holder: str, name: str, inline: str) -> Iterator[Found]:
    """The inline and managed policies of a role, user or group."""
    kind = holder.title()
    for policy in detail.get(inline) or ():
        token = f"aws:iam/{holder}Policy:{kind}Policy"
        properties = {holder: name, "name": policy["PolicyName"], "policy": document(policy["PolicyDocument"])}
        yield Found(token, f"{name}:{policy['PolicyName']}", properties)
    for policy in detail.get("AttachedManagedPolicies") or ():
        token = f"aws:iam/{holder}PolicyAttachment:{kind}PolicyAttachment"
        yield Found(token, f"{name}/{policy['PolicyArn']}", {holder: name, "policyArn": policy["PolicyArn"]})


def _role(detail: Item) -> Iterator[Found]:
    name = detail["RoleName"]
    trust = document(detail["AssumeRolePolicyDocument"])
    yield Found(ROLE, name, {**_identity(detail, name), "assumeRolePolicy": trust})
    yield from _held(detail, "role", name, "RolePolicyList")
    for profile in detail.get("InstanceProfileList") or ():
        inside = {"arn": profile["Arn"], "name": profile["InstanceProfileName"], "role": name}
        yield Found(PROFILE, profile["InstanceProfileName"], inside)


def _user(detail: Item) -> Iterator[Found]:
    name = detail["UserName"]
    yield Found(USER, name, _identity(detail, name))
    yield from _held(detail, "user", name, "UserPolicyList")
    if detail.get("GroupList"):
        membership = {"user": name, "groups": list(detail["GroupList"])}
        yield Found("aws:iam/userGroupMembership:UserGroupMembership", name, membership)


def _group(detail: Item) -> Iterator[Found]:
    name = detail["GroupName"]
    yield Found(GROUP, name, {"arn": detail["Arn"], "name": name, "path": detail.get("Path") or "/"})
    yield from _held(detail, "group", name, "GroupPolicyList")


def _policy(item: Item) -> Iterator[Found]:
    yield Found(POLICY, item["Arn"], {"arn": item["Arn"], "name": item["PolicyName"], "path": item.get("Path") or "/"})


def _policy_document(answer: Item) -> dict[str, Any]:
    return {"policy": document(answer["PolicyVersion"]["Document"])}


def _access_keys(user: Item, answer: Item) -> Iterator[Found]:
    for key in answer["AccessKeyMetadata"]:
        yield Found(ACCESS_KEY, key["AccessKeyId"], {"user": user["UserName"], "status": key["Status"]})


def _oidc(item: Item) -> Iterator[Found]:
    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"  # noqa: S105 - a type token
    yield Found(token, item["Arn"], {"arn": item["Arn"]})


def _oidc_details(answer: Item) -> dict[str, Any]:
    return {
        "url": answer["Url"],
        "clientIdLists": list(answer.get("ClientIDList") or ()),
        "tags": tags(answer.get("Tags")),
    }


def _saml(item: Item) -> Iterator[Found]:
    arn = item["Arn"]
    yield Found("aws:iam/samlProvider:SamlProvider", arn, {"arn": arn, "name": arn.rpartition("/")[2]})


KINDS = (
    Kind(
        token=ROLE,
        service="iam",
        lists=_DETAILS,
        parameters={"Filter": ["Role"]},
        at="RoleDetailList",
        action=_DETAILS_ACTION,
        made=_role,
        also=("aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", PROFILE),
    ),
    Kind(
        token=USER,
        service="iam",
        lists=_DETAILS,
        parameters={"Filter": ["User"]},
        at="UserDetailList",
        action=_DETAILS_ACTION,
        made=_user,
        also=(
            "aws:iam/userPolicy:UserPolicy",
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            "aws:iam/userGroupMembership:UserGroupMembership",
        ),
        parts=(
            Part(
                operation="list_access_keys",
                request={"UserName": "{UserName}"},
                action="iam:ListAccessKeys",
                found=_access_keys,
                token=ACCESS_KEY,
            ),
        ),
    ),
    Kind(
        token=GROUP,
        service="iam",
        lists=_DETAILS,
        parameters={"Filter": ["Group"]},
        at="GroupDetailList",
        action=_DETAILS_ACTION,
        made=_group,
        also=("aws:iam/groupPolicy:GroupPolicy", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"),
    ),
    Kind(
        token=POLICY,
        service="iam",
        lists="list_policies",
        parameters={"Scope": "Local"},
        at="Policies",
        action="iam:ListPolicies",
        made=_policy,
        parts=(
            Part(
                operation="get_policy_version",
                request={"PolicyArn": "{Arn}", "VersionId": "{DefaultVersionId}"},
                action="iam:GetPolicyVersion",
                take=_policy_document,
                gives=("policy",),
                essential=True,
            ),
            tags_part("iam:ListPolicyTags", "list_policy_tags", {"PolicyArn": "{Arn}"}),
        ),
    ),
    Kind(
        token="aws:iam/openIdConnectProvider:OpenIdConnectProvider",  # noqa: S106 - a type token
        service="iam",
        lists="list_open_id_connect_providers",
        at="OpenIDConnectProviderList",
        action="iam:ListOpenIDConnectProviders",
        made=_oidc,
        parts=(
            Part(
                operation="get_open_id_connect_provider",
                request={"OpenIDConnectProviderArn": "{Arn}"},
                action="iam:GetOpenIDConnectProvider",
                gives=("url", "clientIdLists", "tags"),
                take=_oidc_details,
                essential=True,
            ),
        ),
    ),
    Kind(
        token="aws:iam/samlProvider:SamlProvider",  # noqa: S106 - a type token
        service="iam",
        lists="list_saml_providers",
        at="SAMLProviderList",
        action="iam:ListSAMLProviders",
        made=_saml,
        parts=(
            Part(
                operation="get_saml_provider",
                request={"SAMLProviderArn": "{Arn}"},
                action="iam:GetSAMLProvider",
                gives=("samlMetadataDocument", "tags"),
                take=lambda answer: {
                    "samlMetadataDocument": answer["SAMLMetadataDocument"],
                    "tags": tags(answer.get("Tags")),
                },
                essential=True,
            ),
        ),
    ),
)
