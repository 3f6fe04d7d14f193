"""Contract cases of IAM."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws

from .case import Case, Clients, Needs, Outputs


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _allow(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::one/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _role(name: str) -> Any:
    return aws.iam.Role(name, assume_role_policy=_trust("sagemaker.amazonaws.com"))


def _policy(name: str) -> Any:
    return aws.iam.Policy(name, policy=_allow("s3:GetObject"))


def _two_roles(name: str) -> Needs:
    return {each: _role(f"{name}-{each}") for each in ("one", "two")}


def _boundaries(name: str) -> Needs:
    return {each: _policy(f"{name}-{each}") for each in ("one", "two")}


def _roles_and_policy(name: str) -> Needs:
    return {**_two_roles(name), "policy": _policy(f"{name}-policy")}


def _rebind(boto: Clients, role: Outputs) -> None:
    boto("iam").delete_role_permissions_boundary(RoleName=role["name"])


def _inline(boto: Clients) -> set[str]:
    iam = boto("iam")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    return {f"{role}:{name}" for role in roles for name in iam.list_role_policies(RoleName=role)["PolicyNames"]}


def _attached(boto: Clients) -> set[str]:
    iam = boto("iam")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    answers = {role: iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] for role in roles}
    return {f"{role}:{policy['PolicyArn']}" for role, policies in answers.items() for policy in policies}


def _rewrite_inline(boto: Clients, policy: Outputs) -> None:
    boto("iam").put_role_policy(
        RoleName=policy["role"], PolicyName=policy["name"], PolicyDocument=_allow("s3:DeleteObject")
    )


def _rewrite_managed(boto: Clients, policy: Outputs) -> None:
    boto("iam").create_policy_version(
        PolicyArn=policy["arn"], PolicyDocument=_allow("s3:DeleteObject"), SetAsDefault=True
    )


def _rethumb(boto: Clients, provider: Outputs) -> None:
    boto("iam").update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=provider["id"], ThumbprintList=["c" * 40]
    )


def _metadata(entity: str) -> str:
    header = '<?xml version="1.0" encoding="UTF-8"?>'
    body = f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"/>'
    return f"{header}{body}{'<!-- padding -->' * 70}"


def _remeta(boto: Clients, provider: Outputs) -> None:
    boto("iam").update_saml_provider(SAMLProviderArn=provider["id"], SAMLMetadataDocument=_metadata("https://other"))


CASES = (
    Case(
        type="aws:iam/role:Role",
        needs=_boundaries,
        inputs=lambda needs: {
            "name": "contract-one",
            "assume_role_policy": _trust("sagemaker.amazonaws.com"),
            "description": "one",
            "permissions_boundary": needs["one"].arn,
            "tags": {"owner": "one"},
        },
        update=lambda needs: {
            "assume_role_policy": _trust("lambda.amazonaws.com"),
            "description": "two",
            "max_session_duration": 7200,
            "permissions_boundary": needs["two"].arn,
            "tags": {"team": "two"},
        },
        replace=lambda _: {"path": "/contract/"},
        tamper=_rebind,
        tampered="permissionsBoundary",
        left=lambda boto: {role["RoleName"] for role in boto("iam").list_roles()["Roles"]},
    ),
    Case(
        type="aws:iam/rolePolicy:RolePolicy",
        needs=_two_roles,
        inputs=lambda needs: {"role": needs["one"].name, "policy": _allow("s3:GetObject")},
        update=lambda _: {"policy": _allow("s3:PutObject")},
        replace=lambda needs: {"role": needs["two"].name},
        tamper=_rewrite_inline,
        tampered="policy",
        left=_inline,
    ),
    Case(
        type="aws:iam/policy:Policy",
        inputs=lambda _: {"policy": _allow("s3:GetObject"), "tags": {"owner": "one"}},
        update=lambda _: {"policy": _allow("s3:PutObject"), "tags": {"team": "two"}},
        replace=lambda _: {"description": "another", "path": "/contract/"},
        tamper=_rewrite_managed,
        tampered="policy",
        left=lambda boto: {policy["Arn"] for policy in boto("iam").list_policies(Scope="Local")["Policies"]},
    ),
    Case(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        needs=_roles_and_policy,
        inputs=lambda needs: {"role": needs["one"].name, "policy_arn": needs["policy"].arn},
        replace=lambda needs: {"role": needs["two"].name},
        left=_attached,
    ),
    Case(
        type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        inputs=lambda _: {
            "url": "https://ci.example.com",
            "client_id_lists": ["sts.amazonaws.com"],
            "thumbprint_lists": ["a" * 40],
            "tags": {"owner": "one"},
        },
        update=lambda _: {
            "client_id_lists": ["sts.amazonaws.com", "other"],
            "thumbprint_lists": ["b" * 40],
            "tags": {"team": "two"},
        },
        replace=lambda _: {"url": "https://ci.example.com/two"},
        tamper=_rethumb,
        tampered="thumbprintLists",
        left=lambda boto: {
            provider["Arn"] for provider in boto("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
        },
    ),
    Case(
        type="aws:iam/samlProvider:SamlProvider",
        inputs=lambda _: {"name": "contract-one", "saml_metadata_document": _metadata("https://one")},
        update=lambda _: {"saml_metadata_document": _metadata("https://two"), "tags": {"team": "two"}},
        replace=lambda _: {"name": "contract-two"},
        tamper=_remeta,
        tampered="samlMetadataDocument",
        left=lambda boto: {provider["Arn"] for provider in boto("iam").list_saml_providers()["SAMLProviderList"]},
    ),
)
