"""Ask every endpoint for predictions of rows that its model has not seen, with the tenant's own credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from infra import naming
from infra.demo.training import Trained, train
from infra.operations.tenant_sessions import invoke_session
from infra.operations.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

ROWS = 40


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What one endpoint answered.

    Args:
        tenant: The tenant's id.
        endpoint: The endpoint's name.
        rows: How many rows were sent in one invocation.
        example: The first answer beside the truth.
        quality: A score over all rows, by its name.
    """

    tenant: str
    endpoint: str
    rows: int
    example: str
    quality: str


def predict(workspace: Workspace, tenants: Sequence[str]) -> list[Prediction]:
    """One invocation an endpoint, through `sagemaker-runtime`."""
    platform, cloud = workspace.estate.platform, workspace.cloud
    made: list[Prediction] = []
    for tenant in (workspace.estate.tenants[name] for name in tenants):
        runtime: SageMakerRuntimeClient = cloud.client("sagemaker-runtime", invoke_session(cloud, platform, tenant))
        for model in tenant.served_models:
            endpoint = naming.endpoint(platform, tenant, model.name)
            trained = train(model.name)
            answer = runtime.invoke_endpoint(
                EndpointName=endpoint,
                ContentType="application/json",
                Accept="application/json",
                Body=json.dumps({"instances": trained.held_out[:ROWS].tolist()}),
            )
            predictions: list[Any] = json.loads(answer["Body"].read())["predictions"]
            example, quality = _judge(trained, predictions)
            made.append(
                Prediction(tenant=tenant.id, endpoint=endpoint, rows=len(predictions), example=example, quality=quality)
            )
    return made


def _judge(trained: Trained, predictions: Sequence[Any]) -> tuple[str, str]:
    truth = trained.truth[: len(predictions)]
    if trained.labels:
        right = sum(int(said) == int(true) for said, true in zip(predictions, truth, strict=True))
        example = f"{trained.labels[int(predictions[0])]} (truth: {trained.labels[int(truth[0])]})"
        return example, f"{right} of {len(predictions)} right"
    error = float(np.mean(np.abs(np.asarray(predictions, dtype=float) - truth)))
    return f"{float(predictions[0]):.0f} (truth: {float(truth[0]):.0f})", f"mean error {error:.0f}"
