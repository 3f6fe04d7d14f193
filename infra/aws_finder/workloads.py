"""How image repositories, models, endpoints and their autoscaling are found."""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws_finder.lookup import Lookup, named

_VARIANT = "{serviceNamespace}/{resourceId}/{scalableDimension}"

TABLE: Mapping[str, Lookup] = {
    "aws:ecr/repository:Repository": named("ecr", "describe_repositories", "{name}", repositoryNames=["{name}"]),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": named(
        "ecr", "get_repository_policy", "{repository}", repositoryName="{repository}"
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": named(
        "ecr", "get_lifecycle_policy", "{repository}", repositoryName="{repository}"
    ),
    "aws:sagemaker/model:Model": named("sagemaker", "describe_model", "{name}", ModelName="{name}"),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": named(
        "sagemaker", "describe_endpoint_config", "{name}", EndpointConfigName="{name}"
    ),
    "aws:sagemaker/endpoint:Endpoint": named("sagemaker", "describe_endpoint", "{name}", EndpointName="{name}"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": named(
        "sagemaker",
        "describe_model_package_group",
        "{modelPackageGroupName}",
        ModelPackageGroupName="{modelPackageGroupName}",
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": named(
        "sagemaker",
        "get_model_package_group_policy",
        "{modelPackageGroupName}",
        ModelPackageGroupName="{modelPackageGroupName}",
    ),
    "aws:appautoscaling/target:Target": named(
        "application-autoscaling",
        "describe_scalable_targets",
        _VARIANT,
        has="ScalableTargets",
        ServiceNamespace="{serviceNamespace}",
        ResourceIds=["{resourceId}"],
        ScalableDimension="{scalableDimension}",
    ),
    "aws:appautoscaling/policy:Policy": named(
        "application-autoscaling",
        "describe_scaling_policies",
        _VARIANT + "/{name}",
        has="ScalingPolicies",
        ServiceNamespace="{serviceNamespace}",
        ResourceId="{resourceId}",
        ScalableDimension="{scalableDimension}",
        PolicyNames=["{name}"],
    ),
}
