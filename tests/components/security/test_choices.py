"""What the specs choose of identities: which providers there are, and whether a tenant is active."""

from __future__ import annotations

import json

from components.security.identity_providers import IdentityProviders, IdentityProvidersArgs
from components.security.roles import TenantRoles, TenantRolesArgs
from infra.spec.platform import Federation, PlatformSpec, Verification
from tests.components.recorder import record
from tests.components.specs import PLATFORM, tenant


def test_the_oidc_provider_of_the_account_is_adopted() -> None:
    """An account has one provider of an issuer: a second would be refused."""
    for github, count in (("create", 1), ("adopt", 0)):
        platform = PLATFORM.model_copy(update={"federation": Federation.model_validate({"github_oidc": github})})

        def program(platform: object = platform) -> None:
            assert isinstance(platform, type(PLATFORM))
            IdentityProviders("sign-in", IdentityProvidersArgs(platform=platform, saml_metadata=None))

        recorder = record(program)
        assert len(recorder.of("iam/openIdConnectProvider:OpenIdConnectProvider")) == count
        assert recorder.of("iam/samlProvider:SamlProvider") == []


def test_without_a_saml_provider_there_is_no_role_for_data_scientists() -> None:
    """The other four roles are made, and none of them names what is not there."""
    recorder = record(lambda: _roles("active"))
    names = {str(role.inputs["name"]) for role in recorder.of("iam/role:Role")}
    assert names == {f"bh-dev-acme-{kind}" for kind in ("training", "serving", "invoke", "deploy")}
    assert not any("saml" in str(role.inputs["assumeRolePolicy"]) for role in recorder.of("iam/role:Role"))


def test_where_the_platform_names_its_workers_there_is_a_role_for_smoke_tests() -> None:
    """It has the tenant's boundary, as all have, and its sessions are the shortest."""
    (worker,) = PLATFORM.provisioning.trusted_principals
    platform = PLATFORM.model_copy(update={"verification": Verification(worker_role_arn=worker)})
    roles = {
        str(role.inputs["name"]): role.inputs for role in record(lambda: _roles("active", platform)).of("iam/role:Role")
    }
    assert len(roles) == 5
    made = roles["bh-dev-acme-verification"]
    assert made["maxSessionDuration"] == 3600
    assert made["permissionsBoundary"] == roles["bh-dev-acme-deploy"]["permissionsBoundary"]
    assert json.loads(made["assumeRolePolicy"])["Statement"][0]["Principal"] == {"AWS": worker}


def test_a_suspended_tenant_keeps_its_roles_behind_a_closed_boundary() -> None:
    """Suspending changes the boundary and nothing else, so that it is undone as quickly."""
    recorders = {state: record(lambda state=state: _roles(state)) for state in ("active", "suspended")}
    active, suspended = (
        {(each.type, each.name): each.inputs for each in recorder.resources} for recorder in recorders.values()
    )
    assert active.keys() == suspended.keys()
    assert [name for kind, name in active if active[kind, name] != suspended[kind, name]] == ["roles-boundary"]
    boundary = json.loads(recorders["suspended"].one("iam/policy:Policy")["policy"])
    assert boundary["Statement"][-1]["Sid"] == "Suspended"


def _roles(state: str, platform: PlatformSpec = PLATFORM) -> None:
    acme = tenant("acme", lifecycle={"state": state})
    TenantRoles("roles", TenantRolesArgs(platform=platform, tenant=acme))
