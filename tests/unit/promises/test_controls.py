"""The promises as requests: each role's, about what its tenant has, and none that an empty stack would keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from infra import naming
from infra.promises.controls import controls
from infra.proof.theorem.inputs import Control
from infra.spec import Estate, load_estate
from infra.spec.platform import Verification

ROOT = Path(__file__).parents[3]
#: What the engine wrote of a tenant's stack that serves nothing yet.
EXPORT = (ROOT / "tests/proof/facts/acme_export.json").read_bytes()
_SERVED = {
    "urn": "urn:pulumi:acme::bulkhead-tenants::aws:sagemaker/endpoint:Endpoint::tumour",
    "type": "aws:sagemaker/endpoint:Endpoint",
    "outputs": {"arn": "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/bh-dev-acme-tumour"},
}


@pytest.fixture(scope="module", name="specs")
def _specs() -> Estate:
    return load_estate(ROOT / "stacks/platform.yaml", ROOT / "tenant_stacks/specs")


def made(specs: Estate, export: bytes = EXPORT, **changes: Any) -> tuple[Control, ...]:
    """The controls of acme."""
    return controls(specs.platform, specs.tenants["acme"].model_copy(update=changes), export)


def without(token: str) -> bytes:
    """The export without the resources of a type."""
    export = json.loads(EXPORT)
    kept = [each for each in export["deployment"]["resources"] if each["type"] != token]
    export["deployment"]["resources"] = kept
    return json.dumps(export).encode()


def serving() -> bytes:
    """The export with an endpoint."""
    export = json.loads(EXPORT)
    export["deployment"]["resources"].append(_SERVED)
    return json.dumps(export).encode()


def test_every_role_has_controls_of_its_own_tenant_only(specs: Estate) -> None:
    found = made(specs, serving())
    acme, platform = specs.tenants["acme"], specs.platform
    every = {naming.role_arn(platform, acme, kind) for kind in get_args(naming.TenantRoleKind)}
    # The demo has no identity provider, and names nobody who runs smoke tests.
    absent = {naming.role_arn(platform, acme, kind) for kind in ("data-scientist", "verification")}
    assert {one.principal_arn for one in found} == every - absent
    assert all("globex" not in one.resource for one in found)
    assert {one.owner for one in found} == {"acme"}


def test_data_scientists_have_theirs_where_there_is_an_identity_provider(specs: Estate) -> None:
    federation = specs.platform.federation.model_copy(update={"saml_metadata": "saml.xml"})
    platform = specs.platform.model_copy(update={"federation": federation})
    found = controls(platform, specs.tenants["acme"], EXPORT)
    people = naming.role_arn(platform, specs.tenants["acme"], "data-scientist")
    jobs = [one for one in found if (one.principal_arn, one.action) == (people, "sagemaker:CreateTrainingJob")]
    assert [one.resource.rpartition("/")[2] for one in jobs] == ["bh-dev-acme-example"]


def test_smoke_tests_are_promised_their_own_place_where_the_platform_has_them(specs: Estate) -> None:
    (worker, *_) = specs.platform.provisioning.trusted_principals
    platform = specs.platform.model_copy(update={"verification": Verification(worker_role_arn=worker)})
    acme = specs.tenants["acme"]
    role = naming.role_arn(platform, acme, "verification")
    found = [one for one in controls(platform, acme, serving()) if one.principal_arn == role]
    place = naming.verification_objects_arn(platform, acme).replace("*", "example")
    assert {one.action for one in found if one.resource == place} == {
        "s3:PutObject",
        "s3:GetObject",
        "s3:DeleteObjectVersion",
    }
    assert {one.resource for one in found if one.action.startswith("s3:")} == {place}
    assert any(one.action == "sagemaker:InvokeEndpoint" for one in found)


def test_what_goes_through_an_endpoint_says_so(specs: Estate) -> None:
    training = naming.role_arn(specs.platform, specs.tenants["acme"], "training")
    (listing,) = [one for one in made(specs) if (one.principal_arn, one.action) == (training, "s3:ListBucket")]
    assert str(listing.context["aws:SourceVpce"]).startswith("vpce-")
    assert str(listing.context["aws:SourceVpc"]).startswith("vpc-")
    (volumes,) = [one for one in made(specs) if (one.principal_arn, one.action) == (training, "kms:CreateGrant")]
    assert volumes.context["kms:GrantIsForAWSResource"] is True


def test_a_suspended_tenant_must_be_able_to_do_nothing(specs: Estate) -> None:
    lifecycle = specs.tenants["acme"].lifecycle.model_copy(update={"state": "suspended"})
    assert made(specs, lifecycle=lifecycle) == ()


@pytest.mark.parametrize(
    ("token", "kind"),
    [("aws:s3/bucket:Bucket", ":s3:::"), ("aws:kms/key:Key", ":key/"), ("aws:iam/role:Role", ":role/")],
)
def test_a_promise_is_not_kept_by_leaving_out_what_it_is_about(specs: Estate, token: str, kind: str) -> None:
    assert any(kind in (one.resource + one.principal_arn) for one in made(specs, without(token)))


def test_what_is_not_served_is_not_promised(specs: Estate) -> None:
    assert any(":endpoint/" in one.resource for one in made(specs, serving()))
    assert not any(":endpoint/" in one.resource for one in made(specs))


def test_what_is_no_export_is_refused(specs: Estate) -> None:
    with pytest.raises(msgspec.DecodeError):
        made(specs, b'{"deployment": 1}')
