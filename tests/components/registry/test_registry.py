"""What the registries of images and model versions say to AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.registry.model_repository import ModelRepository, ModelRepositoryArgs
from components.registry.serving_images import ServingImages, ServingImagesArgs
from infra.policies import repository as repository_policy
from infra.policies.model_package_group import model_package_group
from infra.spec.tenant import TenantSpec
from tests.components.recorder import Recorder, record
from tests.components.specs import PLATFORM, model, tenant

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
ACME = tenant("acme", models=[model(), model(name="nodule", serve_on="none")])


def model_repository(owner: TenantSpec = ACME) -> Recorder:
    args = ModelRepositoryArgs(platform=PLATFORM, tenant=owner, key_arn=KEY)
    return record(lambda: (ModelRepository("registry", args), None)[1])


def serving_images() -> Recorder:
    args = ServingImagesArgs(platform=PLATFORM, key_arn=KEY)
    return record(lambda: (ServingImages("serving", args), None)[1])


def images(recorded: Recorder) -> Mapping[str, Any]:
    return recorded.one("ecr/repository:Repository")


@pytest.mark.parametrize("made", [model_repository, serving_images])
def test_images_are_immutable_scanned_and_encrypted_with_the_owners_key(made: Any) -> None:
    """Tags cannot be moved to other images, pushes are scanned, the key is given; untagged images expire."""
    recorded = made()
    inputs = images(recorded)
    assert inputs["imageTagMutability"] == "IMMUTABLE"
    assert inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    assert inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": KEY}]
    lifecycle = recorded.one("ecr/lifecyclePolicy:LifecyclePolicy")
    assert lifecycle["policy"] == repository_policy.expire_untagged()


def test_a_tenant_has_one_repository_with_its_policy() -> None:
    """Named by the tenant's path, under the tenant's policy."""
    recorded = model_repository()
    assert images(recorded)["name"] == "bulkhead/dev/acme/models"
    policy = recorded.one("ecr/repositoryPolicy:RepositoryPolicy")
    assert policy["repository"] == "bulkhead/dev/acme/models"
    assert json.loads(policy["policy"]) == repository_policy.model_repository(PLATFORM, ACME).to_json()


def test_each_model_has_a_registry_with_its_policy_served_or_not() -> None:
    """A model package group and its policy for every model of the spec."""
    recorded = model_repository()
    groups = {group.inputs["modelPackageGroupName"] for group in recorded.of("ModelPackageGroup")}
    assert groups == {"bh-dev-acme-tumour", "bh-dev-acme-nodule"}
    policies = {
        policy.inputs["modelPackageGroupName"]: json.loads(policy.inputs["resourcePolicy"])
        for policy in recorded.of("ModelPackageGroupPolicy")
    }
    assert policies == {
        f"bh-dev-acme-{name}": model_package_group(PLATFORM, ACME, name).to_json() for name in ("tumour", "nodule")
    }


@pytest.mark.parametrize("prevent", [True, False])
def test_images_go_with_the_repository_only_where_deletion_is_allowed(prevent: bool) -> None:
    """A protected repository is never emptied by its deletion."""
    owner = tenant("acme", lifecycle={"prevent_deletion": prevent})
    assert images(model_repository(owner))["forceDelete"] is not prevent


def test_serving_images_belong_to_the_platform() -> None:
    """One repository a framework below the platform's path, which every tenant's serving role may pull from."""
    recorded = serving_images()
    assert images(recorded)["name"] == "bulkhead/dev/platform/serving-sklearn"
    policy = json.loads(recorded.one("ecr/repositoryPolicy:RepositoryPolicy")["policy"])
    assert policy == repository_policy.serving_repository(PLATFORM).to_json()
    assert images(recorded)["forceDelete"] is not PLATFORM.prevent_deletion
