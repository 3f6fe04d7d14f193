"""SageMaker and ECR: what serves, what was trained, what was registered, in the order of its removal.

What is used goes after what uses it: scaling, endpoints, their configurations, models; packages before their group.
Sources: Amazon SageMaker API Reference, "DeleteEndpoint", "DeleteTrainingJob", "DeleteModelPackageGroup";
Application Auto Scaling API Reference, "DeregisterScalableTarget"; Amazon ECR API Reference, "DeleteRepository".
"""

from __future__ import annotations

from infra.erasure.kinds.entry import Fields, Kind, Step, same

_RUNNING = frozenset({"InProgress", "Stopping", "Pending", "Running", "Starting", "STARTING", "INPROGRESS", "STOPPING"})


def _scaled(fields: Fields) -> tuple[str, ...]:
    """The endpoint that a scalable target is of."""
    return (str(fields["ResourceId"]).removeprefix("endpoint/"),)


def _job(name: str, title: str, plural: str, *, status: str, deletable: bool = True, served: bool = True) -> Kind:
    """A job: one that runs is stopped, and one that ended is deleted, or only recorded by AWS."""

    def runs(fields: Fields) -> bool:
        return fields.get(status) in _RUNNING

    def ended(fields: Fields) -> bool:
        return not runs(fields)

    snake = name.replace("-", "_")
    stop = Step(f"stop_{snake}", same(f"{title}Name"), when=runs, ends=False)
    delete = Step(f"delete_{snake}", same(f"{title}Name"), when=ended)
    return Kind(
        name=f"sagemaker:{name}", service="sagemaker", lists=f"list_{snake}s", at=plural, id=f"{{{title}Name}}",
        arn=f"{{{title}Arn}}", removal=(stop, delete) if deletable else (stop,),
        expires=(lambda _: "") if deletable else lambda fields: "" if runs(fields) else _RECORD, served=served,
    )  # fmt: skip


_RECORD = "AWS keeps the record of an ended job and no API deletes it: names and times, no content"


def _named(name: str, title: str, lists: str, at: str, delete: str, *, served: bool = True) -> Kind:
    """A thing that one call deletes by its name."""
    return Kind(
        name=f"sagemaker:{name}", service="sagemaker", lists=lists, at=at, id=f"{{{title}Name}}",
        arn=f"{{{title}Arn}}", removal=(Step(delete, same(f"{title}Name")),), served=served,
    )  # fmt: skip


SERVING = (
    Kind(
        name="application-autoscaling:policy", service="application-autoscaling", lists="describe_scaling_policies",
        at="ScalingPolicies", request={"ServiceNamespace": "sagemaker"}, id="{ResourceId}/{PolicyName}",
        arn="{PolicyARN}", names=_scaled,
        removal=(
            Step(
                "delete_scaling_policy", same("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension")
            ),
        ),
    ),
    Kind(
        name="application-autoscaling:target", service="application-autoscaling", lists="describe_scalable_targets",
        at="ScalableTargets", request={"ServiceNamespace": "sagemaker"}, id="{ResourceId}/{ScalableDimension}",
        names=_scaled,
        removal=(
            Step("deregister_scalable_target", same("ServiceNamespace", "ResourceId", "ScalableDimension")),
        ),
    ),
    _named(
        "monitoring-schedule", "MonitoringSchedule", "list_monitoring_schedules", "MonitoringScheduleSummaries",
        "delete_monitoring_schedule", served=False,
    ),
    _named("endpoint", "Endpoint", "list_endpoints", "Endpoints", "delete_endpoint"),
    _named(
        "endpoint-config", "EndpointConfig", "list_endpoint_configs", "EndpointConfigs", "delete_endpoint_config"
    ),
    _named("model", "Model", "list_models", "Models", "delete_model"),
)  # fmt: skip

WORK = (
    Kind(
        name="sagemaker:pipeline", service="sagemaker", lists="list_pipelines", at="PipelineSummaries",
        id="{PipelineName}", arn="{PipelineArn}",
        removal=(
            Step(
                "delete_pipeline",
                {"PipelineName": "{PipelineName}", "ClientRequestToken": "erasure-of-this-pipeline-{PipelineName}"},
            ),
        ),
    ),
    _job("training-job", "TrainingJob", "TrainingJobSummaries", status="TrainingJobStatus"),
    _job("processing-job", "ProcessingJob", "ProcessingJobSummaries", status="ProcessingJobStatus"),
    _job(
        "hyper-parameter-tuning-job", "HyperParameterTuningJob", "HyperParameterTuningJobSummaries",
        status="HyperParameterTuningJobStatus",
    ),
    _job("compilation-job", "CompilationJob", "CompilationJobSummaries", status="CompilationJobStatus"),
    _job("transform-job", "TransformJob", "TransformJobSummaries", status="TransformJobStatus", deletable=False),
    Kind(
        name="sagemaker:feature-group", service="sagemaker", lists="list_feature_groups", at="FeatureGroupSummaries",
        id="{FeatureGroupName}", arn="{FeatureGroupArn}",
        removal=(Step("delete_feature_group", same("FeatureGroupName")),), served=False,
    ),
    Kind(
        name="sagemaker:model-package-group", service="sagemaker", lists="list_model_package_groups",
        at="ModelPackageGroupSummaryList", id="{ModelPackageGroupName}", arn="{ModelPackageGroupArn}",
        removal=(Step("delete_model_package_group", same("ModelPackageGroupName")),),
    ),
    Kind(
        name="sagemaker:model-package", service="sagemaker", lists="list_model_packages", at="ModelPackageSummaryList",
        id="{ModelPackageArn}", arn="{ModelPackageArn}", within="sagemaker:model-package-group",
        request=same("ModelPackageGroupName"),
        removal=(Step("delete_model_package", {"ModelPackageName": "{ModelPackageArn}"}),),
    ),
    Kind(
        name="ecr:repository", service="ecr", lists="describe_repositories", at="repositories", id="{repositoryName}",
        arn="{repositoryArn}", removal=(Step("delete_repository", {"repositoryName": "{repositoryName}"}),),
    ),
    Kind(
        name="ecr:image", service="ecr", lists="list_images", at="imageIds", id="{repositoryName}@{imageDigest}",
        within="ecr:repository", request=same("repositoryName"),
        removal=(
            Step(
                "batch_delete_image",
                {"repositoryName": "{repositoryName}", "imageIds": [{"imageDigest": "{imageDigest}"}]},
            ),
        ),
    ),
    Kind(
        name="sagemaker:notebook-instance", service="sagemaker", lists="list_notebook_instances",
        at="NotebookInstances", id="{NotebookInstanceName}", arn="{NotebookInstanceArn}",
        removal=(
            Step(
                "stop_notebook_instance", same("NotebookInstanceName"),
                when=lambda fields: fields.get("NotebookInstanceStatus") == "InService", ends=False,
            ),
            Step(
                "delete_notebook_instance", same("NotebookInstanceName"),
                when=lambda fields: fields.get("NotebookInstanceStatus") in ("Stopped", "Failed"),
            ),
        ),
    ),
    Kind(
        name="sagemaker:trial-component", service="sagemaker", lists="list_trial_components",
        at="TrialComponentSummaries", id="{TrialComponentName}", arn="{TrialComponentArn}",
        removal=(Step("delete_trial_component", same("TrialComponentName")),),
    ),
    Kind(
        name="sagemaker:trial", service="sagemaker", lists="list_trials", at="TrialSummaries", id="{TrialName}",
        arn="{TrialArn}", removal=(Step("delete_trial", same("TrialName")),),
    ),
    Kind(
        name="sagemaker:experiment", service="sagemaker", lists="list_experiments", at="ExperimentSummaries",
        id="{ExperimentName}", arn="{ExperimentArn}", removal=(Step("delete_experiment", same("ExperimentName")),),
    ),
)  # fmt: skip
