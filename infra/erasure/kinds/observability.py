"""Logs, metrics, alarms, messages and budgets.

SageMaker writes the logs of all jobs of an account into one group a kind of job; a tenant's are the streams that start
with its jobs' names. Metrics are deleted by nobody; CloudWatch lets them expire.
Sources: SageMaker AI Developer Guide, "Log groups and streams that Amazon SageMaker AI sends to CloudWatch Logs";
Amazon CloudWatch User Guide, "Metrics concepts" (metrics cannot be deleted, and expire after 15 months).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra.erasure.kinds.entry import Fields, Kind, Step, same
from infra.naming import JobKind


def _metric_names(fields: Fields) -> Iterator[str]:
    yield str(fields["Namespace"])
    yield from (str(each["Value"]) for each in fields.get("Dimensions", ()))


def _job_logs(job: JobKind) -> Kind:
    group = f"/aws/sagemaker/{job}"
    return Kind(
        name=f"logs:stream-of-{job}", service="logs", lists="describe_log_streams", at="logStreams",
        request={"logGroupName": group, "logStreamNamePrefix": "{Prefix}"}, id="{logStreamName}",
        removal=(Step("delete_log_stream", {"logGroupName": group, "logStreamName": "{logStreamName}"}),),
    )  # fmt: skip


TABLE = (
    *(_job_logs(job) for job in get_args(JobKind)),
    Kind(
        name="cloudwatch:alarm", service="cloudwatch", lists="describe_alarms", at="MetricAlarms", id="{AlarmName}",
        arn="{AlarmArn}", removal=(Step("delete_alarms", {"AlarmNames": ["{AlarmName}"]}),),
    ),
    Kind(
        name="cloudwatch:dashboard", service="cloudwatch", lists="list_dashboards", at="DashboardEntries",
        id="{DashboardName}", removal=(Step("delete_dashboards", {"DashboardNames": ["{DashboardName}"]}),),
    ),
    Kind(
        name="cloudwatch:metric", service="cloudwatch", lists="list_metrics", at="Metrics",
        id="{Namespace}/{MetricName}{Dimensions}", names=_metric_names,
        expires=lambda _: "CloudWatch deletes no metrics: they expire 15 months after their last data point",
    ),
    Kind(
        name="logs:group", service="logs", lists="describe_log_groups", at="logGroups", id="{logGroupName}",
        arn="{arn}", refers=("kmsKeyId",), removal=(Step("delete_log_group", same("logGroupName")),),
    ),
    Kind(
        name="budgets:budget", service="budgets", lists="describe_budgets", at="Budgets", id="{BudgetName}",
        request={"AccountId": "{Account}"},
        removal=(Step("delete_budget", {"AccountId": "{Account}", "BudgetName": "{BudgetName}"}),),
    ),
    Kind(
        name="sns:topic", service="sns", lists="list_topics", at="Topics", id="{TopicArn}", arn="{TopicArn}",
        removal=(Step("delete_topic", same("TopicArn")),),
    ),
    Kind(
        name="sns:subscription", service="sns", lists="list_subscriptions_by_topic", at="Subscriptions",
        id="{SubscriptionArn}", within="sns:topic", request=same("TopicArn"),
        # Whoever did not confirm one has no ARN of it; it ends with its topic.
        skips=lambda fields: not str(fields["SubscriptionArn"]).startswith("arn:"),
        removal=(Step("unsubscribe", same("SubscriptionArn")),),
    ),
)  # fmt: skip
