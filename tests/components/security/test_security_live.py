"""Identities and keys, made by the real engine in the embedded cloud and read back by boto3."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from infra import naming
from infra.engine import Operation
from infra.naming import TenantRoleKind
from infra.policies import boundary, interfaces, key, platform_boundary, platform_key, provisioning, roles, trust
from infra.policies.principals import role_kinds
from infra.spec.tenant import TenantSpec
from tests.components.live import Live, live
from tests.components.security.program import ACME, PLATFORM, SUBNETS

pytestmark = pytest.mark.xdist_group("live-security")


@pytest.fixture(scope="module")
def security(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Generator[Live]:
    with live(tmp_path_factory.mktemp("security"), engine_command, "tests.components.security.program:build") as stack:
        stack.run(Operation.UP)
        yield stack


@pytest.fixture(scope="module")
def iam(security: Live) -> Any:
    return security.client("iam")


def test_a_second_preview_finds_nothing_to_do(security: Live) -> None:
    """What was made reads back as it was asked for."""
    assert security.run(Operation.PREVIEW).changes == ()


@pytest.mark.parametrize("kind", role_kinds(PLATFORM))
def test_each_role_of_a_tenant_is_as_the_policies_say(iam: Any, kind: TenantRoleKind) -> None:
    """Name, path, boundary, trust and the one inline policy of each role; no managed policy is attached."""
    name = naming.role(PLATFORM, ACME, kind)
    role = iam.get_role(RoleName=name)["Role"]
    assert role["Arn"] == naming.role_arn(PLATFORM, ACME, kind)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == naming.boundary_arn(PLATFORM, ACME)
    assert role["AssumeRolePolicyDocument"] == trust.trust(PLATFORM, ACME, kind).to_json()
    assert role["MaxSessionDuration"] == 3600
    access = iam.get_role_policy(RoleName=name, PolicyName="access")["PolicyDocument"]
    assert access == roles.identity(PLATFORM, ACME, kind).to_json()
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []


def test_the_execution_roles_reach_the_tenants_subnets(iam: Any) -> None:
    """Training and serving have the second policy, and no other role has."""
    expected = interfaces.network_interfaces(PLATFORM, ACME, SUBNETS).to_json()
    for kind in role_kinds(PLATFORM):
        name = naming.role(PLATFORM, ACME, kind)
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        if kind in {"training", "serving"}:
            assert set(names) == {"access", "network"}
            assert iam.get_role_policy(RoleName=name, PolicyName="network")["PolicyDocument"] == expected
        else:
            assert names == ["access"]


@pytest.mark.parametrize("owner", [ACME, None], ids=["tenant", "platform"])
def test_the_boundaries_are_managed_policies(iam: Any, owner: TenantSpec | None) -> None:
    """What is stored as the boundary is the document that is proven."""
    arn = naming.boundary_arn(PLATFORM, owner)
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    stored = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    expected = (
        platform_boundary.platform_boundary(PLATFORM) if owner is None else boundary.tenant_boundary(PLATFORM, owner)
    )
    assert stored == expected.to_json()


@pytest.mark.parametrize("owner", [ACME, None], ids=["tenant", "platform"])
def test_the_keys_rotate_and_have_their_policy(security: Live, owner: TenantSpec | None) -> None:
    """Found by its alias, a key rotates, is named by a tag, and has the policy of its owner."""
    kms = security.client("kms")
    found = kms.describe_key(KeyId=naming.key_alias(PLATFORM, owner))["KeyMetadata"]["KeyId"]
    assert kms.get_key_rotation_status(KeyId=found)["KeyRotationEnabled"] is True
    policy = json.loads(kms.get_key_policy(KeyId=found, PolicyName="default")["Policy"])
    expected = platform_key.platform_key(PLATFORM) if owner is None else key.tenant_key(PLATFORM, owner)
    assert policy == expected.to_json()
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=found)["Tags"]}
    assert tags["Name"] == naming.key(PLATFORM, owner)


def test_the_provisioning_role_has_its_policies_and_its_boundary(iam: Any) -> None:
    """One managed policy a subject, all of ours; none of AWS's, and nothing inline."""
    name = naming.platform_role(PLATFORM, "provisioning")
    role = iam.get_role(RoleName=name)["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == naming.boundary_arn(PLATFORM)
    assert role["AssumeRolePolicyDocument"] == provisioning.trust(PLATFORM).to_json()
    attached = {each["PolicyName"] for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
    assert attached == {naming.provisioning_policy(PLATFORM, subject) for subject in provisioning.policies(PLATFORM)}
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []


def test_tenants_sign_in_by_github_and_by_the_saml_provider(iam: Any) -> None:
    """The providers have the ARNs that the trust policies name."""
    github = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=naming.oidc_provider_arn(PLATFORM))
    assert github["ClientIDList"] == ["sts.amazonaws.com"]
    saml = {each["Arn"] for each in iam.list_saml_providers()["SAMLProviderList"]}
    assert saml == {naming.saml_provider_arn(PLATFORM)}


def test_a_destroy_leaves_no_identity(security: Live, iam: Any) -> None:
    """Roles go with their policies and before their boundary; keys are scheduled for deletion, their aliases free."""
    security.run(Operation.DESTROY)
    assert iam.list_roles(PathPrefix="/bulkhead/")["Roles"] == []
    assert iam.list_policies(Scope="Local", PathPrefix="/bulkhead/")["Policies"] == []
    aliases = {alias["AliasName"] for alias in security.client("kms").list_aliases()["Aliases"]}
    assert not {alias for alias in aliases if alias.startswith("alias/bulkhead/")}
