"""Who may assume the roles of a tenant."""

from __future__ import annotations

import pytest

from infra import naming
from infra.naming import TenantRoleKind
from infra.policies.document import PolicyDocument
from infra.policies.principals import role_arns, role_kinds
from infra.policies.trust import trust
from tests.components.specs import tenant
from tests.unit.policies.documents import ACME, PLATFORM, WITHOUT_SAML, changed

EXPECTED: dict[TenantRoleKind, dict[str, object]] = {
    "training": {
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {
                "aws:SourceArn": [
                    "arn:aws:sagemaker:eu-central-1:123456789012:training-job/bh-dev-acme-*",
                    "arn:aws:sagemaker:eu-central-1:123456789012:processing-job/bh-dev-acme-*",
                ]
            },
        },
    },
    "serving": {
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:eu-central-1:123456789012:*"},
        },
    },
    "invoke": {
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/bulkhead/dev/platform/bh-dev-platform-gateway"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {"aws:RequestTag/tenant": "acme"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["tenant", "caller"]},
        },
    },
    "data-scientist": {
        "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/bh-dev-platform-saml"},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {
            "StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml"},
            "ForAnyValue:StringEquals": {"saml:edupersonentitlement": "acme-scientists"},
        },
    },
    "deploy": {
        "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": "repo:acme/models:environment:production",
            }
        },
    },
    "verification": {
        "Principal": {"AWS": "arn:aws:iam::123456789012:role/bulkhead-ci"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {"aws:RequestTag/tenant": "acme"},
            "ForAllValues:StringEquals": {"aws:TagKeys": "tenant"},
        },
    },
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_role_is_assumed_by_whom_it_is_for(kind: TenantRoleKind) -> None:
    """One statement a role: the principal, the proof that it must bring, and nothing else."""
    (statement,) = trust(PLATFORM, ACME, kind).to_json()["Statement"]
    del statement["Sid"]
    assert statement == {"Effect": "Allow", **EXPECTED[kind]}


def test_every_role_of_a_tenant_has_a_trust_policy() -> None:
    """The table above is complete."""
    assert set(role_kinds(PLATFORM)) == set(EXPECTED)


def bound_to_one_environment(document: PolicyDocument) -> bool:
    """Whether the CI's subject is one exact environment of one repository."""
    (statement,) = document.statements
    subject = statement.conditions.get("StringEquals", {}).get(f"{naming.GITHUB_OIDC}:sub", "")
    return isinstance(subject, str) and subject.count(":environment:") == 1 and "*" not in subject


def test_the_ci_is_one_environment_of_one_repository() -> None:
    """A published hole is a trust of a whole repository, where any branch's workflow deploys."""
    document = trust(PLATFORM, ACME, "deploy")
    assert bound_to_one_environment(document)
    whole_repository = {"StringLike": {f"{naming.GITHUB_OIDC}:sub": "repo:acme/models:*"}}
    assert not bound_to_one_environment(changed(document, "OneEnvironmentOfOneRepository", conditions=whole_repository))


def test_the_gateway_cannot_tag_a_session_as_another_tenant() -> None:
    """The tag that the session gets is the role's own tenant: the trust of acme's and acmeeu's roles differ in it."""
    values = {
        owner: trust(PLATFORM, tenant(owner), "invoke").statements[0].conditions["StringEquals"]
        for owner in ("acme", "acmeeu")
    }
    assert values == {owner: {"aws:RequestTag/tenant": owner} for owner in values}


def test_without_a_saml_provider_nobody_names_the_data_scientists() -> None:
    """AWS refuses a principal that does not exist: no role, no trust in the provider, no mention in any policy."""
    assert "data-scientist" not in role_kinds(WITHOUT_SAML)
    assert not any("data-scientist" in arn for arn in role_arns(WITHOUT_SAML, ACME))
    assert any("data-scientist" in arn for arn in role_arns(PLATFORM, ACME)), "the positive control"
