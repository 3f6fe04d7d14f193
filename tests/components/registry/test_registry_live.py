"""The registries of images and model versions, made by the real engine in the embedded cloud."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra import naming
from infra.engine import Operation
from infra.policies import repository as repository_policy
from infra.policies.model_package_group import model_package_group
from tests.components.live import Live, live
from tests.components.registry.program import ACME, PLATFORM

POLICIES = {
    naming.repository(PLATFORM, ACME): repository_policy.model_repository(PLATFORM, ACME),
    naming.serving_repository(PLATFORM, "sklearn"): repository_policy.serving_repository(PLATFORM),
}

pytestmark = pytest.mark.xdist_group("live-registry")


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Generator[Live]:
    with live(tmp_path_factory.mktemp("registry"), engine_command, "tests.components.registry.program:build") as stack:
        stack.run(Operation.UP)
        yield stack
        stack.run(Operation.DESTROY)
        assert stack.client("ecr").describe_repositories()["repositories"] == []
        assert stack.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []


@pytest.fixture(scope="module")
def ecr(registries: Live) -> Any:
    return registries.client("ecr")


def test_a_second_preview_finds_nothing_to_do(registries: Live) -> None:
    """What was made reads back as it was asked for."""
    assert registries.run(Operation.PREVIEW).changes == ()


@pytest.mark.parametrize("name", POLICIES)
def test_a_repository_keeps_its_tags_scans_and_encrypts(registries: Live, ecr: Any, name: str) -> None:
    """Immutable, scanned on push, under the given key, with its policy and the expiry of untagged images."""
    (repository,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    key = registries.client("kms").describe_key(KeyId=naming.key_alias(PLATFORM))["KeyMetadata"]["Arn"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": key}
    policy = ecr.get_repository_policy(repositoryName=name)["policyText"]
    assert json.loads(policy) == POLICIES[name].to_json()
    lifecycle = ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
    assert json.loads(lifecycle) == json.loads(repository_policy.expire_untagged())


def test_a_tag_that_was_pushed_cannot_be_pushed_again(registries: Live) -> None:
    """A second image of the tenant's CI under the same tag is refused; under another tag it is taken."""
    ecr = registries.client_as("ecr", naming.role_arn(PLATFORM, ACME, "deploy"))
    name = naming.repository(PLATFORM, ACME)

    def push(content: int, tag: str) -> None:
        media_type = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": media_type, "layers": [{"digest": f"sha256:{content:064}"}]}
        ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag=tag)

    push(1, "1.0.0")
    with pytest.raises(ClientError, match=r"Image(Tag)?AlreadyExistsException"):
        push(2, "1.0.0")
    push(2, "1.0.1")


def test_each_model_has_a_registry_of_its_own(registries: Live) -> None:
    """One group a model, served or not, with the policy of that model."""
    sagemaker = registries.client("sagemaker")
    groups = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert {group["ModelPackageGroupName"] for group in groups} == {"bh-dev-acme-tumour", "bh-dev-acme-nodule"}
    for model in ACME.models:
        name = naming.model_package_group(PLATFORM, ACME, model.name)
        policy = sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)["ResourcePolicy"]
        assert json.loads(policy) == model_package_group(PLATFORM, ACME, model.name).to_json()
