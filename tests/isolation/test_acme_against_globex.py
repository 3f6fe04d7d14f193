"""A user of acme tries globex's objects, key, model, endpoint, repository, logs and role, and works on its own.

Read this file first: it is what tenant isolation means to whoever holds a tenant's credentials. The calls are boto3's,
the cloud is the embedded one, and the policies are those that the stacks deployed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra import naming
from infra.demo.training import train
from tests.isolation.conftest import Client
from tests.isolation.estate import Estate
from tests.isolation.sessions import Sessions


class Tenant:
    """The names of a tenant's things, and boto3 clients with the credentials of its roles."""

    def __init__(self, estate: Estate, sessions: Sessions, client: Client, name: str) -> None:
        platform, spec = estate.platform, estate.tenants[name]
        model = spec.served_models[0].name
        self._sessions, self._client, self._name = sessions, client, name
        self.bucket = naming.bucket(platform, spec, "data")
        self.models = naming.bucket(platform, spec, "models")
        self.artifact = spec.served_models[0].artifact.key
        self.key = estate.inventory.of(name, "kms key")[0].arn
        self.model = estate.inventory.of(name, "sagemaker model")[0].arn.rpartition("/")[2]
        self.registry = naming.model_package_group(platform, spec, model)
        self.endpoint = naming.endpoint(platform, spec, model)
        self.repository = naming.repository(platform, spec)
        self.logs = naming.log_group(platform, spec, "workloads")
        self.training_role = naming.role_arn(platform, spec, "training")
        self.deploy_role = naming.role_arn(platform, spec, "deploy")
        self.rows = json.dumps({"instances": train(model).held_out[:2].tolist()})

    def client(self, service: str, role: str = "data-scientist") -> Any:
        return self._client(service, self._sessions.of(self._name, role))


@pytest.fixture(scope="module")
def acme(estate: Estate, sessions: Sessions, client: Client) -> Tenant:
    return Tenant(estate, sessions, client, "acme")


@pytest.fixture(scope="module")
def globex(estate: Estate, sessions: Sessions, client: Client) -> Tenant:
    return Tenant(estate, sessions, client, "globex")


def denied(call: Any, **parameters: Any) -> str:
    """The message of AWS's denial; anything else that happens fails the test."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response.get("Error", {})
    assert error.get("Code") in ("AccessDenied", "AccessDeniedException"), error
    return error.get("Message", "")


def test_objects(acme: Tenant, globex: Tenant) -> None:
    """acme reads, writes, lists and deletes objects of its own bucket, and none of globex's."""
    s3 = acme.client("s3")
    s3.put_object(Bucket=acme.bucket, Key="rows.csv", Body=b"1,2")
    assert s3.get_object(Bucket=acme.bucket, Key="rows.csv")["Body"].read() == b"1,2"
    assert "rows.csv" in [each["Key"] for each in s3.list_objects_v2(Bucket=acme.bucket)["Contents"]]
    s3.delete_object(Bucket=acme.bucket, Key="rows.csv")

    globex.client("s3").put_object(Bucket=globex.bucket, Key="rows.csv", Body=b"secret")
    reason = denied(s3.get_object, Bucket=globex.bucket, Key="rows.csv")
    assert "s3:GetObject" in reason
    assert "explicit deny in a resource-based policy" in reason
    denied(s3.put_object, Bucket=globex.bucket, Key="rows.csv", Body=b"forged")
    denied(s3.list_objects_v2, Bucket=globex.bucket)
    denied(s3.delete_object, Bucket=globex.bucket, Key="rows.csv")
    denied(s3.copy_object, Bucket=acme.bucket, Key="stolen", CopySource=f"{globex.bucket}/rows.csv")
    assert globex.client("s3").get_object(Bucket=globex.bucket, Key="rows.csv")["Body"].read() == b"secret"


def test_key(acme: Tenant, globex: Tenant) -> None:
    """acme encrypts and decrypts with its own key; with globex's it can neither, nor look at it, nor open it up."""
    kms = acme.client("kms")
    sealed = kms.encrypt(KeyId=acme.key, Plaintext=b"plain")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"plain"

    stolen = globex.client("kms").encrypt(KeyId=globex.key, Plaintext=b"secret")["CiphertextBlob"]
    assert "kms:Decrypt" in denied(kms.decrypt, CiphertextBlob=stolen)
    denied(kms.decrypt, CiphertextBlob=stolen, KeyId=globex.key)
    denied(kms.encrypt, KeyId=globex.key, Plaintext=b"x")
    denied(kms.describe_key, KeyId=globex.key)
    denied(kms.create_grant, KeyId=globex.key, GranteePrincipal=acme.training_role, Operations=["Decrypt"])
    denied(kms.put_key_policy, KeyId=globex.key, Policy="{}")
    denied(kms.schedule_key_deletion, KeyId=globex.key)


def test_model(acme: Tenant, globex: Tenant) -> None:
    """acme sees its own model, registry and artifact, and neither of globex's."""
    sagemaker, s3 = acme.client("sagemaker"), acme.client("s3")
    assert sagemaker.describe_model(ModelName=acme.model)["ModelName"] == acme.model
    assert sagemaker.describe_model_package_group(ModelPackageGroupName=acme.registry)
    assert s3.head_object(Bucket=acme.models, Key=acme.artifact)["ContentLength"] > 0

    assert "sagemaker:DescribeModel" in denied(sagemaker.describe_model, ModelName=globex.model)
    denied(sagemaker.describe_model_package_group, ModelPackageGroupName=globex.registry)
    denied(sagemaker.list_model_packages, ModelPackageGroupName=globex.registry)
    denied(s3.get_object, Bucket=globex.models, Key=globex.artifact)


def test_endpoint(acme: Tenant, globex: Tenant) -> None:
    """acme gets predictions from its own endpoint, and none from globex's."""
    for role in ("data-scientist", "invoke"):
        runtime = acme.client("sagemaker-runtime", role)
        question = {"ContentType": "application/json", "Accept": "application/json", "Body": acme.rows}
        answer = json.loads(runtime.invoke_endpoint(EndpointName=acme.endpoint, **question)["Body"].read())
        assert len(answer["predictions"]) == 2
        reason = denied(runtime.invoke_endpoint, EndpointName=globex.endpoint, **question)
        assert "sagemaker:InvokeEndpoint" in reason
    denied(acme.client("sagemaker").describe_endpoint, EndpointName=globex.endpoint)
    denied(acme.client("sagemaker").delete_endpoint, EndpointName=globex.endpoint)


def test_repository(acme: Tenant, globex: Tenant) -> None:
    """acme's CI uploads to its own repository, and can neither pull from globex's nor push to it."""
    ecr = acme.client("ecr", "deploy")
    assert ecr.get_authorization_token()["authorizationData"]
    assert ecr.describe_images(repositoryName=acme.repository)["imageDetails"] == []
    reason = denied(ecr.batch_get_image, repositoryName=globex.repository, imageIds=[{"imageTag": "latest"}])
    assert "ecr:BatchGetImage" in reason
    denied(ecr.describe_images, repositoryName=globex.repository)
    denied(ecr.put_image, repositoryName=globex.repository, imageManifest="{}", imageTag="latest")
    denied(ecr.set_repository_policy, repositoryName=globex.repository, policyText="{}")


def test_logs(acme: Tenant, globex: Tenant) -> None:
    """acme reads its own logs, and none of globex's."""
    logs = acme.client("logs")
    assert logs.filter_log_events(logGroupName=acme.logs)["events"] == []
    assert "logs:FilterLogEvents" in denied(logs.filter_log_events, logGroupName=globex.logs)
    denied(logs.describe_log_streams, logGroupName=globex.logs)
    denied(logs.get_log_events, logGroupName=globex.logs, logStreamName="primary")
    denied(logs.delete_log_group, logGroupName=globex.logs)


def test_role(acme: Tenant, globex: Tenant) -> None:
    """Nobody of acme becomes a role of globex, passes one to a job, or changes one."""
    for role in ("data-scientist", "deploy", "training", "serving", "invoke"):
        sts = acme.client("sts", role)
        assert f"bh-dev-acme-{role}" in sts.get_caller_identity()["Arn"]
        denied(sts.assume_role, RoleArn=globex.training_role, RoleSessionName="attack")
        denied(sts.assume_role, RoleArn=globex.deploy_role, RoleSessionName="attack")
    iam = acme.client("iam")
    denied(iam.get_role, RoleName=globex.training_role.rpartition("/")[2])
    denied(iam.update_assume_role_policy, RoleName=globex.training_role.rpartition("/")[2], PolicyDocument="{}")
