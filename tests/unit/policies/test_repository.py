"""Policies of image repositories: the owner's roles get in, other tenants do not whatever they are allowed."""

from __future__ import annotations

import json

from hypothesis import given, settings

from infra import naming
from infra.naming import TenantRoleKind
from infra.policies import repository
from infra.policies.document import PolicyDocument
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM, tenant
from tests.unit.policies.passing import Request, denies, passes
from tests.unit.policies.test_endpoint import pairs

ACME = tenant("acme")


def call(action: str, owner: TenantSpec, kind: TenantRoleKind) -> Request:
    """A role of `owner` calls ECR on the repository that the policy is attached to."""
    return Request(principal=naming.role_arn(PLATFORM, owner, kind), tag=owner.id, action=action, resource="")


def test_the_tenants_ci_pushes_and_its_jobs_and_endpoints_pull() -> None:
    """Deploy pushes; training, serving and deploy pull; serving cannot push and invoke cannot pull."""
    document = repository.model_repository(PLATFORM, ACME)
    assert passes(document, call("ecr:PutImage", ACME, "deploy"))
    for kind in ("training", "serving", "deploy"):
        assert passes(document, call("ecr:BatchGetImage", ACME, kind))
    assert not passes(document, call("ecr:PutImage", ACME, "serving"))
    assert not passes(document, call("ecr:BatchGetImage", ACME, "invoke"))


@given(pair=pairs)
@settings(max_examples=40, deadline=None)
def test_a_tenants_repository_denies_every_other_tenant(pair: tuple[str, str]) -> None:
    """The wall holds against identity policies: pulling and pushing are denied, and the owner is not."""
    owner, other = tenant(pair[0]), tenant(pair[1])
    document = repository.model_repository(PLATFORM, owner)
    for action in ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage", "ecr:UploadLayerPart"):
        assert denies(document, call(action, other, "deploy"))
        assert not denies(document, call(action, owner, "deploy"))


def test_without_the_wall_nothing_is_denied() -> None:
    """The broken twin: it is the last statement that keeps other tenants' identity policies out."""
    whole = repository.model_repository(PLATFORM, ACME)
    twin = PolicyDocument(tuple(statement for statement in whole.statements if statement.effect == "Allow"))
    request = call("ecr:BatchGetImage", tenant("globex"), "deploy")
    assert denies(whole, request)
    assert not denies(twin, request)


def test_every_tenants_serving_role_pulls_serving_images_and_no_tenant_pushes() -> None:
    """Serving roles of any tenant pull; training roles, other accounts and look-alikes do not; pushes are denied."""
    document = repository.serving_repository(PLATFORM)
    for owner in (ACME, tenant("globex")):
        assert passes(document, call("ecr:BatchGetImage", owner, "serving"))
        assert not passes(document, call("ecr:BatchGetImage", owner, "training"))
        assert denies(document, call("ecr:PutImage", owner, "deploy"))
    serving = naming.role_arn(PLATFORM, ACME, "serving")
    for outsider in (
        serving.replace(PLATFORM.account, "999999999999"),
        serving.replace("/dev/", "/prod/"),
        f"arn:aws:iam::{PLATFORM.account}:role/bh-dev-acme-serving",
    ):
        request = Request(principal=outsider, tag=None, action="ecr:BatchGetImage", resource="")
        assert not passes(document, request)


def test_the_platforms_own_roles_may_push_serving_images() -> None:
    """The wall against tenants leaves the platform's roles out, whose identity policies decide."""
    document = repository.serving_repository(PLATFORM)
    platform_role = naming.platform_role_arn(PLATFORM, "provisioning")
    push = Request(principal=platform_role, tag="platform", action="ecr:PutImage", resource="")
    assert not denies(document, push)


def test_repository_policies_name_no_resource() -> None:
    """ECR refuses a repository policy with a resource."""
    for document in (repository.model_repository(PLATFORM, ACME), repository.serving_repository(PLATFORM)):
        assert all(not statement.resources for statement in document.statements)


def test_only_images_without_a_tag_expire() -> None:
    """An image that a tag names may be running somewhere."""
    (rule,) = json.loads(repository.expire_untagged())["rules"]
    assert rule["selection"]["tagStatus"] == "untagged"
    assert rule["action"] == {"type": "expire"}
