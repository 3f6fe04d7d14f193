"""What the provisioning role may do with models, images, logs, alarms, topics and budgets: all by the stage's names."""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies.any_tenant import ANY
from infra.policies.document import Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

_SAGEMAKER_KINDS = ("endpoint", "endpoint-config", "model", "model-package-group")
_SAGEMAKER = (
    "sagemaker:AddTags",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateModelPackageGroup",
    "sagemaker:DeleteEndpoint",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:DeleteModel",
    "sagemaker:DeleteModelPackageGroup",
    "sagemaker:DeleteModelPackageGroupPolicy",
    "sagemaker:DeleteTags",
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:DescribeModel",
    "sagemaker:DescribeModelPackageGroup",
    "sagemaker:GetModelPackageGroupPolicy",
    "sagemaker:ListTags",
    "sagemaker:PutModelPackageGroupPolicy",
    "sagemaker:UpdateEndpoint",
    "sagemaker:UpdateEndpointWeightsAndCapacities",
)
_SCALING = (
    "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:RegisterScalableTarget",
)
_SCALING_TAGS = (
    "application-autoscaling:ListTagsForResource",
    "application-autoscaling:TagResource",
    "application-autoscaling:UntagResource",
)
_IMAGES = (
    "ecr:CreateRepository",
    "ecr:DeleteLifecyclePolicy",
    "ecr:DeleteRepository",
    "ecr:DeleteRepositoryPolicy",
    "ecr:DescribeRepositories",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
    "ecr:PutImageScanningConfiguration",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:SetRepositoryPolicy",
    "ecr:TagResource",
    "ecr:UntagResource",
)
_LOGS = (
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)
_ALARMS = (
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
)
_TOPICS = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:UntagResource",
)
_BUDGETS = ("budgets:ListTagsForResource", "budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource")
#: These have no resource level: they see names, and nothing of what is in there.
_SEE = (
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "logs:DescribeLogGroups",
    "sns:GetSubscriptionAttributes",
    "sns:Unsubscribe",
)


def statements(platform: PlatformSpec) -> Iterator[Statement]:
    """The statements on models, images, logs, alarms, topics and budgets."""
    any_name = naming.names_of(platform, ANY)
    yield Statement(
        sid="Models",
        actions=_SAGEMAKER,
        resources=tuple(naming.sagemaker_arn(platform, kind, any_name) for kind in _SAGEMAKER_KINDS),
    )
    # A model whose container may call out, or that runs outside of the tenant's subnets, leaves every endpoint policy.
    yield Statement(
        sid="MakeIsolatedModels",
        actions=("sagemaker:CreateModel",),
        resources=(naming.sagemaker_arn(platform, "model", any_name),),
        conditions={
            "Bool": {"sagemaker:NetworkIsolation": "true"},
            "Null": {"sagemaker:VpcSecurityGroupIds": "false", "sagemaker:VpcSubnets": "false"},
        },
    )
    targets = (f"arn:aws:application-autoscaling:{platform.region}:{platform.account}:scalable-target/*",)
    # AWS assigns the ids of targets, and tags are the one thing that knows no namespace.
    yield Statement(sid="TagsOfScaling", actions=_SCALING_TAGS, resources=targets)
    yield Statement(
        sid="ScalingOfEndpoints",
        actions=_SCALING,
        resources=targets,
        conditions={"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
    )
    repository = naming.repository_arn(platform, naming.repository(platform, ANY))
    yield Statement(sid="ImageRepositories", actions=_IMAGES, resources=(repository,))
    groups = (naming.log_group(platform, ANY, "*"), naming.endpoint_log_group(platform, ANY, "*"))
    yield Statement(
        sid="LogGroups", actions=_LOGS, resources=tuple(naming.log_group_arn(platform, group) for group in groups)
    )
    yield Statement(sid="Alarms", actions=_ALARMS, resources=(naming.alarm_arn(platform, any_name),))
    yield Statement(sid="Topics", actions=_TOPICS, resources=(naming.topic_arn(platform, any_name),))
    yield Statement(
        sid="Budgets",
        actions=(*_BUDGETS, "budgets:ViewBudget"),
        resources=(budget_arn(platform, ANY),),
    )
    yield Statement(sid="SeeWithoutContent", actions=_SEE, resources=("*",))


def budget_arn(platform: PlatformSpec, tenant: TenantSpec) -> str:
    """The ARN of a tenant's budget."""
    return f"arn:aws:budgets::{platform.account}:budget/{naming.budget(platform, tenant)}"
