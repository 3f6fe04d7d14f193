"""The end of SageMaker's work: training and processing jobs are stopped and deleted, and versions of models deleted.

moto lists all of them and deletes none. Source: SageMaker API reference, "StopTrainingJob", "DeleteTrainingJob" (of
ended jobs only), "DeleteProcessingJob", "DeleteModelPackage".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import EmptyResult
from moto.sagemaker.exceptions import ConflictException, ValidationError
from moto.sagemaker.responses import SageMakerResponse

from infra.sandbox.moto_extensions.registry import add, parameters


def apply() -> None:
    """Changes moto."""
    add(
        SageMakerResponse,
        stop_training_job=_stop_training_job,
        delete_training_job=_deletes("training_job", "TrainingJobName"),
        delete_processing_job=_deletes("processing_job", "ProcessingJobName"),
        delete_model_package=_delete_model_package,
    )


def _job(response: SageMakerResponse, kind: str, name: str) -> Any:
    jobs = vars(response.sagemaker_backend)[f"{kind}s"]
    if name not in jobs:
        raise ValidationError(f"Could not find requested job with name: {name}")
    return jobs[name]


def _stop_training_job(response: SageMakerResponse) -> EmptyResult:
    job = _job(response, "training_job", parameters(response)["TrainingJobName"])
    if job.training_job_status != "InProgress":
        raise ValidationError(f"The job is {job.training_job_status} and cannot be stopped.")
    job.training_job_status = "Stopped"
    return EmptyResult()


def _deletes(kind: str, member: str) -> Callable[[SageMakerResponse], EmptyResult]:
    def delete(response: SageMakerResponse) -> EmptyResult:
        name = parameters(response)[member]
        if vars(_job(response, kind, name))[f"{kind}_status"] in ("InProgress", "Stopping"):
            raise ConflictException(f"The job {name} has not ended: stop it first.")
        del vars(response.sagemaker_backend)[f"{kind}s"][name]
        return EmptyResult()

    return delete


def _delete_model_package(response: SageMakerResponse) -> EmptyResult:
    backend, named = response.sagemaker_backend, parameters(response)["ModelPackageName"]
    arn = backend.model_package_name_mapping.get(named, named)
    if arn not in backend.model_packages:
        raise ValidationError(f"Model package {named} does not exist.")
    del backend.model_packages[arn]
    for name in [name for name, of in backend.model_package_name_mapping.items() if of == arn]:
        del backend.model_package_name_mapping[name]
    return EmptyResult()
