"""Whom the deployed trust policies let become a tenant's role: decided by the policies, for everybody there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from infra import naming
from infra.evaluator.evaluate import evaluate
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Caller, ContextValue, Request, caller_of
from infra.policies.trust import OIDC_AUDIENCE, SAML_AUDIENCE, SAML_GROUPS
from infra.tags import TENANT_TAG
from tests.isolation.estate import ROLES, TENANTS, Estate
from tests.isolation.sessions import OUTSIDER_ACCOUNT

_ACTIONS = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


@dataclass(frozen=True)
class Somebody:
    """A principal with what AWS would know of its request.

    Args:
        who: In words.
        caller: The principal.
        context: The context of its request.
        identity: The kind and owner of the deployed role that it is a session of, if it is one.
    """

    who: str
    caller: Caller
    context: Mapping[str, ContextValue]
    identity: tuple[str, str] | None = None


def everybody(estate: Estate) -> Iterator[Somebody]:
    """All roles, in the name of each tenant; everybody's people, pipelines and jobs; services, outsiders, nobody."""
    platform = estate.platform
    for role in estate.deployed.roles:
        for tenant in TENANTS:
            tags = {f"aws:RequestTag/{TENANT_TAG}": tenant, "aws:TagKeys": [TENANT_TAG]}
            yield Somebody(f"{role.owner} {role.kind} for {tenant}", role.session, tags, (role.owner, role.kind))
    for tenant, spec in estate.tenants.items():
        deploy = spec.identity.deploy
        groups = {"saml:aud": SAML_AUDIENCE, SAML_GROUPS: ["everybody", spec.identity.data_scientists]}
        yield Somebody(f"people of {tenant}", caller_of(naming.saml_provider_arn(platform)), groups)
        claims = {
            f"{naming.GITHUB_OIDC}:aud": OIDC_AUDIENCE,
            f"{naming.GITHUB_OIDC}:sub": f"repo:{deploy.repository}:environment:{deploy.environment}",
        }
        yield Somebody(f"pipeline of {tenant}", caller_of(naming.oidc_provider_arn(platform)), claims)
        for account in (platform.account, OUTSIDER_ACCOUNT):
            job = f"arn:aws:sagemaker:{platform.region}:{account}:training-job/bh-{platform.stage}-{tenant}-x"
            source = {"aws:SourceArn": job, "aws:SourceAccount": account}
            yield Somebody(f"job of {tenant} in {account}", caller_of("sagemaker.amazonaws.com"), source)
    yield Somebody("a service without a source", caller_of("sagemaker.amazonaws.com"), {})
    yield Somebody("another service", caller_of("lambda.amazonaws.com"), {"aws:SourceAccount": platform.account})
    yield Somebody("the account", caller_of(platform.account), {})
    yield Somebody("another account", caller_of(OUTSIDER_ACCOUNT), {})
    yield Somebody("nobody", caller_of("*"), {})


@pytest.mark.parametrize("kind", ROLES)
@pytest.mark.parametrize("tenant", TENANTS)
def test_only_those_it_is_for_become_a_role(estate: Estate, tenant: str, kind: str) -> None:
    """The tenant's own people, pipeline and jobs, and the gateway for its invoke role; nobody else, for any tenant."""
    own_jobs = {f"job of {tenant} in {estate.platform.account}"}
    all_jobs = {f"job of {each} in {estate.platform.account}" for each in TENANTS}
    meant = {
        "training": own_jobs,
        # For what it serves, SageMaker names no source but the account.
        "serving": all_jobs,
        "invoke": {f"platform gateway for {tenant}"},
        "data-scientist": {f"people of {tenant}"},
        "deploy": {f"pipeline of {tenant}"},
    }
    role = estate.deployed.role(tenant, kind)
    let_in = {
        each.who
        for each in everybody(estate)
        for action in _ACTIONS
        if _may(estate, each, role.arn, action, tenant, kind)
    }
    assert let_in == meant[kind]


def _may(estate: Estate, somebody: Somebody, role_arn: str, action: str, tenant: str, kind: str) -> bool:
    held = estate.deployed.role(*somebody.identity) if somebody.identity else None
    policies = Applicable(
        identity=held.identity if held else (),
        boundary=held.boundary if held else None,
        resource=estate.deployed.role(tenant, kind).trust,
        trust=True,
    )
    account = role_arn.split(":")[4]
    return evaluate(Request(somebody.caller, action, role_arn, account, somebody.context), policies).allowed
