"""Models, and endpoints that serve them, for tests of the embedded cloud."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from sandbox_clients import Clients, make_serving_role
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.tree import DecisionTreeClassifier

from serving_containers.sklearn.packaging import Package, package, upload

ACCOUNT = "123456789012"
REGION = "eu-central-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/bulkhead/test/platform/serving-sklearn:1.0"
BUCKET = "models-of-acme"
ROWS: list[list[float]] = [[5.1, 3.5, 1.4, 0.2], [6.2, 2.8, 4.8, 1.8], [6.5, 3.0, 5.5, 1.8]]


@cache
def iris_tree() -> Package:
    """A decision tree that tells iris species: 0, 1, 2 for `ROWS`."""
    rows, species = cast("Any", load_iris)(return_X_y=True)
    tree: Any = DecisionTreeClassifier(random_state=0)
    return package(tree.fit(rows, species), ["a", "b", "c", "d"])


@cache
def constant(value: int) -> Package:
    """A model that always says the same."""
    always: Any = DummyClassifier(strategy="constant", constant=value)
    return package(always.fit(ROWS, [value] * len(ROWS)), ["a", "b", "c", "d"])


class Deployer:
    """Puts models in service in one cloud."""

    def __init__(self, aws: Clients) -> None:
        self.s3 = aws("s3")
        self.sagemaker = aws("sagemaker")
        self.runtime = aws("sagemaker-runtime")
        self.role = make_serving_role(aws)
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def model(self, name: str, packed: Package, **changes: Any) -> None:
        """Uploads an archive and makes a SageMaker model of it; `changes` go into its container."""
        upload(self.s3, packed, bucket=BUCKET, key=f"{name}/model.tar.gz")
        container = {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{BUCKET}/{name}/model.tar.gz",
            "Environment": {"BULKHEAD_MODEL_SHA256": packed.sha256},
        }
        self.sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=self.role,
            PrimaryContainer=container | changes,
        )

    def config(self, name: str, models: dict[str, str], weights: dict[str, float] | None = None) -> None:
        """Makes an endpoint configuration: variant -> model."""
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": variant,
                    "ModelName": model,
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                    "InitialVariantWeight": (weights or {}).get(variant, 1.0),
                }
                for variant, model in models.items()
            ],
        )

    def endpoint(self, name: str, packed: Package, **changes: Any) -> None:
        """Puts one model in service under a name."""
        self.model(name, packed, **changes)
        self.config(name, {"main": name})
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def invoke(self, name: str, rows: Any = ROWS, **options: Any) -> Any:
        """The predictions of an endpoint for rows."""
        body = json.dumps({"instances": rows}).encode()
        answer = self.runtime.invoke_endpoint(
            EndpointName=name, Body=body, **({"ContentType": "application/json"} | options)
        )
        return json.loads(answer["Body"].read())["predictions"]
