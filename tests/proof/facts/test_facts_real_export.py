"""An export that the engine wrote of a tenant's stack, with the resources left out that repeat others."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.evaluator.document import Policy
from infra.proof.facts import Estate, RouteKind, assemble, read_deployment

_EXPORT = Path(__file__).with_name("acme_export.json")
_PREFIX = "arn:aws:iam::123456789012:"


@pytest.fixture(scope="module", name="acme")
def _acme() -> Estate:
    return assemble(read_deployment(_EXPORT.read_bytes(), _EXPORT.name))


def test_nothing_is_left_unknown(acme: Estate) -> None:
    assert acme.unknown == ()
    assert acme.not_modelled == ()
    assert acme.stacks == ("bulkhead-tenants/acme",)


def test_a_role_has_its_policies_from_both_components_its_boundary_and_its_trust(acme: Estate) -> None:
    serving = next(one for one in acme.principals if one.arn.endswith("acme-serving"))
    assert serving.owner == "acme"
    assert serving.account == "123456789012"
    assert {one.source.urn.rpartition("::")[2] for one in serving.identity} == {
        "roles-serving",
        "network-access-serving",
    }
    assert serving.boundary is not None
    assert serving.boundary.arn == f"{_PREFIX}policy/bulkhead/dev/acme/bh-dev-acme-boundary"
    assert serving.trust is not None
    assert serving.source.file == "../components/security/roles.py"
    assert serving.source.line == 70
    assert serving.complete


def test_every_document_is_one_that_aws_takes(acme: Estate) -> None:
    documents = [
        *(each for one in acme.principals for each in (*one.identity, one.boundary, one.trust) if each),
        *(each for one in acme.resources for each in one.policies),
        *(one.policy for one in acme.routes),
    ]
    assert len(documents) == 12
    assert [each for each in documents if not isinstance(each.compiled(), Policy)] == []


def test_a_bucket_has_its_objects_policy_key_and_flags(acme: Estate) -> None:
    bucket = next(one for one in acme.resources if one.token == "aws:s3/bucket:Bucket")
    key = next(one for one in acme.resources if one.token == "aws:kms/key:Key")
    assert [(each.pattern, each.type) for each in bucket.families] == [
        (bucket.arn, "bucket"),
        (f"{bucket.arn}/*", "object"),
    ]
    assert len(bucket.policies) == 1
    assert bucket.keys == (key.arn,)
    assert bucket.settings["sseAlgorithm"] == "aws:kms"
    assert bucket.settings["restrictPublicBuckets"] == "true"


def test_a_model_runs_as_its_role(acme: Estate) -> None:
    model = next(one for one in acme.resources if one.token == "aws:sagemaker/model:Model")
    assert model.runs_as == (f"{_PREFIX}role/bulkhead/dev/acme/bh-dev-acme-serving",)


def test_model_packages_are_under_the_policy_of_their_group(acme: Estate) -> None:
    group = next(one for one in acme.resources if "model-package-group" in one.arn)
    assert len(group.policies) == 1
    assert group.families[1].type == "model-package"
    assert group.families[1].pattern == "arn:aws:sagemaker:eu-central-1:123456789012:model-package/bh-dev-acme-tumour/*"


def test_the_gateway_is_a_route_of_the_tenant(acme: Estate) -> None:
    (route,) = acme.routes
    assert (route.kind, route.service, route.owner) == (RouteKind.GATEWAY, "s3", "acme")
    assert len(route.tables) == 1
