"""CloudWatch alarms. Source: Pulumi registry, "aws.cloudwatch.MetricAlarm"; Amazon CloudWatch API Reference."""

from collections.abc import Iterator

from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Tags
from infra.sandbox.aws.wire import Properties


def _one_metric(inputs: Properties) -> Iterator[tuple[str, str]]:
    """PutMetricAlarm: an alarm watches one metric or one expression, and a metric by one kind of statistic."""
    if inputs.get("metricQueries"):
        for name in ("metricName", "namespace", "period", "statistic", "extendedStatistic", "dimensions"):
            if inputs.get(name) is not None:
                yield name, "conflicts with metricQueries; give either"
    elif not inputs.get("metricName"):
        yield "metricName", "give either metricName or metricQueries"
    elif (inputs.get("statistic") is None) == (inputs.get("extendedStatistic") is None):
        yield "statistic", "give exactly one of statistic and extendedStatistic"


RESOURCES = (
    Resource(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        id="{name}",
        identity={"AlarmName": "{name}"},
        names={
            "name": "AlarmName",
            "arn": "AlarmArn",
            "metricQueries": "Metrics",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        },
        create=Call("put_metric_alarm"),
        updates=(Call("put_metric_alarm"),),
        reads=(
            Read("describe_alarms", at="MetricAlarms", pick=("AlarmName", "{name}"), fixed={"AlarmNames": ["{name}"]}),
        ),
        delete=Call("delete_alarms", properties=(), fixed={"AlarmNames": ["{name}"]}),
        missing=("ResourceNotFound",),
        autoname=Autoname("name", longest=255),
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        tags=Tags(),
        rules=(_one_metric,),
    ),
)
"""CloudWatch entries of the table."""
