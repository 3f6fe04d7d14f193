"""Each role does its work live, with its own tenant's resources: the positive control of the live attacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra import naming
from infra.evaluator import catalogue
from infra.promises.roles import PROMISES, Promise
from infra.sandbox.enforcement.requests.names import actions_of
from infra.tags import TENANT_TAG
from tests.isolation.attempts import DENIED, Attempts
from tests.isolation.calls import call as call_of
from tests.isolation.calls import operations
from tests.isolation.conftest import Client
from tests.isolation.estate import ROLES, Estate
from tests.isolation.inventory import Kind
from tests.isolation.sessions import Sessions

#: What the later tests do with all that it needs: no call by itself.
_TRIED_BELOW = {"iam:PassRole", "sagemaker:CreateTrainingJob", "sagemaker:CreateModelPackage", "kms:CreateGrant"}


@pytest.mark.parametrize(
    ("tenant", "kind", "promise"),
    [
        pytest.param(tenant, kind, promise, id=f"{tenant}-{kind}-{promise.what.replace(' ', '-')}")
        for tenant in ("acmeeu", "globex")
        for kind in ROLES
        for promise in PROMISES[kind]
        if not _TRIED_BELOW & set(promise.actions)
    ],
)
def test_a_role_is_let_through_to_what_is_its_own(
    estate: Estate,
    sessions: Sessions,
    attempts: Attempts,
    client: Client,
    tenant: str,
    kind: str,
    promise: Promise,
) -> None:
    """The sandbox's record says that the call was allowed; that it may fail for what it asks is another matter."""
    resource = next(each for each in estate.inventory.of(tenant, promise.on) if promise.only in each.arn)
    known = next(each for each in resource.kinds if str(each) == promise.on)
    endpoint = estate.deployed.endpoint(tenant, promise.through) if promise.through else None
    for name in promise.actions:
        service, operation = _operation(name, known)
        made = call_of(service, operation, known, resource, estate.deployed.role(tenant, kind).arn)
        who = client(service, sessions.of(tenant, kind), endpoint.id if endpoint else None)
        answer = attempts.make(who, made)
        assert answer.decision["outcome"] == "Allowed", str(answer)
        assert answer.allows(resource.arn), str(answer)


def _operation(name: str, kind: Kind) -> tuple[str, str]:
    """The first operation that needs an action, and as little else as can be."""
    prefix, short = name.split(":")
    action = catalogue.action(prefix, short)
    assert action is not None
    able = operations(kind, action.access_level)
    return next(each for each in able if actions_of(*each)[0] == short)


def test_people_register_models_and_the_ci_approves_them(estate: Estate, sessions: Sessions, client: Client) -> None:
    """In acme's registry; in globex's neither, and nobody approves what is registered but the CI."""
    people = client("sagemaker", sessions.of("acme", "data-scientist"))
    pipeline = client("sagemaker", sessions.of("acme", "deploy"))
    own = naming.model_package_group(estate.platform, estate.tenants["acme"], "tumour")
    others = naming.model_package_group(estate.platform, estate.tenants["globex"], "cultivar")
    made = people.create_model_package(ModelPackageGroupName=own, ModelApprovalStatus="PendingManualApproval")
    approval = {"ModelPackageArn": made["ModelPackageArn"], "ModelApprovalStatus": "Approved"}
    assert _denied(people.update_model_package, **approval)
    pipeline.update_model_package(**approval)
    shown = people.describe_model_package(ModelPackageName=made["ModelPackageArn"])
    assert shown["ModelApprovalStatus"] == "Approved"
    for session in (people, pipeline):
        assert _denied(session.create_model_package, ModelPackageGroupName=others)


def test_the_key_is_granted_for_volumes_only(estate: Estate, sessions: Sessions, client: Client) -> None:
    """SageMaker gets grants by the training role; the role itself cannot give the key to anybody."""
    key = estate.inventory.of("acme", "kms key")[0].arn
    for kind in ("training", "serving", "data-scientist"):
        kms = client("kms", sessions.of("acme", kind))
        own = estate.deployed.role("acme", "training").arn
        assert _denied(kms.create_grant, KeyId=key, GranteePrincipal=own, Operations=["Decrypt"])


def _denied(call: Any, **parameters: Any) -> bool:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response.get("Error", {}).get("Code") in DENIED


def test_a_data_scientist_starts_private_encrypted_jobs_of_the_own_tenant(
    estate: Estate, sessions: Sessions, client: Client
) -> None:
    """With its own role, key, subnets and tag; without one of them, or with globex's, the job is denied."""
    sagemaker = client("sagemaker", sessions.of("acme", "data-scientist"))
    sound = _job(estate, "acme")
    assert sagemaker.create_training_job(**sound)["TrainingJobArn"].endswith(":training-job/bh-dev-acme-churn")
    others = _job(estate, "globex")
    for broken in (
        {key: value for key, value in sound.items() if key != "VpcConfig"},
        {key: value for key, value in sound.items() if key != "Tags"},
        {**sound, "OutputDataConfig": {"S3OutputPath": sound["OutputDataConfig"]["S3OutputPath"]}},
        {**sound, "RoleArn": others["RoleArn"]},
        {**sound, "TrainingJobName": others["TrainingJobName"]},
        {**sound, "Tags": others["Tags"]},
        others,
    ):
        assert _denied(sagemaker.create_training_job, **broken)


def _job(estate: Estate, tenant: str) -> Mapping[str, Any]:
    platform, spec = estate.platform, estate.tenants[tenant]
    key = estate.inventory.of(tenant, "kms key")[0].arn
    group = estate.inventory.of(tenant, "ec2 security-group")[0].arn.rpartition("/")[2]
    subnets = [each.arn.rpartition("/")[2] for each in estate.inventory.of(tenant, "ec2 subnet")]
    image = naming.image_uri(platform, naming.repository(platform, spec), "churn")
    return {
        "TrainingJobName": f"bh-{platform.stage}-{tenant}-churn",
        "RoleArn": naming.role_arn(platform, spec, "training"),
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "OutputDataConfig": {
            "S3OutputPath": f"s3://{naming.bucket(platform, spec, 'models')}/churn",
            "KmsKeyId": key,
        },
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 5,
            "VolumeKmsKeyId": key,
        },
        "VpcConfig": {"SecurityGroupIds": [group], "Subnets": subnets},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "Tags": [{"Key": TENANT_TAG, "Value": tenant}],
    }
