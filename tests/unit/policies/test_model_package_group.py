"""The policy of a model's registry: one tenant's, and of that tenant only whom it names."""

from __future__ import annotations

from hypothesis import given, settings

from infra import naming
from infra.naming import TenantRoleKind
from infra.policies.model_package_group import model_package_group
from infra.spec.platform import Federation
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM, tenant
from tests.unit.policies.passing import Request, denies, passes
from tests.unit.policies.test_endpoint import pairs

ACME = tenant("acme")
FEDERATED = PLATFORM.model_copy(update={"federation": Federation(saml_metadata="idp.xml")})


def call(action: str, caller: TenantSpec, kind: TenantRoleKind, owner: TenantSpec = ACME) -> Request:
    """A role of `caller` calls SageMaker on the registry, or on a version, of the model ``tumour`` of `owner`."""
    group = naming.model_package_group(PLATFORM, owner, "tumour")
    is_version = action.endswith("Package")
    resource = ("model-package", f"{group}/1") if is_version else ("model-package-group", group)
    return Request(
        principal=naming.role_arn(PLATFORM, caller, kind),
        tag=caller.id,
        action=f"sagemaker:{action}",
        resource=naming.sagemaker_arn(PLATFORM, *resource),
    )


def test_ci_and_data_scientists_register_and_only_ci_approves() -> None:
    """Both read and register versions; a version is approved by the CI."""
    document = model_package_group(FEDERATED, ACME, "tumour")
    for kind in ("data-scientist", "deploy"):
        for action in ("DescribeModelPackageGroup", "DescribeModelPackage", "CreateModelPackage"):
            assert passes(document, call(action, ACME, kind)), (kind, action)
    assert passes(document, call("UpdateModelPackage", ACME, "deploy"))
    assert not passes(document, call("UpdateModelPackage", ACME, "data-scientist"))
    assert not passes(document, call("DescribeModelPackage", ACME, "invoke"))


def test_only_roles_that_exist_are_named() -> None:
    """Without a SAML provider no tenant has a data scientist's role, and a policy that named it would be refused."""
    named = {
        arn
        for statement in model_package_group(PLATFORM, ACME, "tumour").statements
        for arn in (statement.principal.aws if statement.principal else ())
    }
    assert not any("data-scientist" in arn for arn in named)
    assert any("deploy" in arn for arn in named)


@given(pair=pairs)
@settings(max_examples=40, deadline=None)
def test_another_tenant_is_denied_whatever_its_identity_policy_says(pair: tuple[str, str]) -> None:
    """Reading, registering and approving are denied to other tenants' roles, and not to the owner's."""
    owner, other = tenant(pair[0]), tenant(pair[1])
    document = model_package_group(PLATFORM, owner, "tumour")
    for action in ("DescribeModelPackage", "CreateModelPackage", "UpdateModelPackage"):
        assert denies(document, call(action, other, "deploy", owner))
        assert not denies(document, call(action, owner, "deploy", owner))


def test_a_models_policy_says_nothing_of_another_model() -> None:
    """The versions of a model whose name extends this one's are not covered."""
    document = model_package_group(PLATFORM, ACME, "tumour")
    request = call("DescribeModelPackage", ACME, "deploy")
    other = Request(
        principal=request.principal,
        tag=request.tag,
        action=request.action,
        resource=request.resource.replace("tumour/1", "tumours/1"),
    )
    assert passes(document, request)
    assert not passes(document, other)
