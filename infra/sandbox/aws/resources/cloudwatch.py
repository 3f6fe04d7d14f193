"""CloudWatch alarms. Source: Pulumi registry, "aws.cloudwatch.MetricAlarm"; Amazon CloudWatch API Reference.

Alarms on PromQL queries, which moto does not know, are not supported.
"""

from collections.abc import Iterator
from typing import Any

from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Tags
from infra.sandbox.aws.wire import Properties

_ONE_METRIC = ("metricName", "namespace", "dimensions", "statistic", "extendedStatistic", "period", "unit")
_ALARM = (
    *("name", "alarmDescription", "actionsEnabled", "alarmActions", "okActions", "insufficientDataActions"),
    *("comparisonOperator", "threshold", "thresholdMetricId", "evaluationPeriods", "datapointsToAlarm"),
    *("treatMissingData", "evaluateLowSampleCountPercentiles", "metricQueries", *_ONE_METRIC),
)
_SHORT_PERIODS = (10, 20, 30)


def _needs(inputs: Properties) -> Iterator[tuple[str, str]]:
    """PutMetricAlarm: what is compared, how often, and with what."""
    for name in ("comparisonOperator", "evaluationPeriods"):
        if inputs.get(name) is None:
            yield name, "missing required property"
    if (inputs.get("threshold") is None) == (inputs.get("thresholdMetricId") is None):
        yield "threshold", "give exactly one of threshold and thresholdMetricId"


def _watches(inputs: Properties) -> Iterator[tuple[str, str]]:
    """PutMetricAlarm: an alarm watches one metric or expressions, and one metric by one kind of statistic."""
    if inputs.get("metricQueries"):
        for name in _ONE_METRIC:
            if inputs.get(name) is not None:
                yield name, "conflicts with metricQueries; give either"
        return
    for name in ("metricName", "namespace", "period"):
        if not inputs.get(name):
            yield name, "give it, or metricQueries"
    if (inputs.get("statistic") is None) == (inputs.get("extendedStatistic") is None):
        yield "statistic", "give exactly one of statistic and extendedStatistic"


def _period(inputs: Properties) -> Iterator[tuple[str, str]]:
    """PutMetricAlarm: 10, 20, 30 and any multiple of 60 are the valid periods."""
    period = inputs.get("period")
    if isinstance(period, int) and period not in _SHORT_PERIODS and period % 60:
        yield "period", f"expected 10, 20, 30 or a multiple of 60 seconds; got {period}"


def _without_empty(request: dict[str, Any]) -> dict[str, Any]:
    """An alarm is written as a whole: what is left out is taken away, and an empty text is mostly not a valid value."""
    return {member: value for member, value in request.items() if value != ""}


_put = Call("put_metric_alarm", properties=_ALARM, adjust=_without_empty)

RESOURCES = (
    Resource(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        id="{name}",
        identity={"AlarmName": "{name}"},
        names={
            "arn": "AlarmArn",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            "metricQueries": "Metrics",
            "metricQueries.metric": "MetricStat",
            "metricQueries.metric.dimensions": "Metric.Dimensions",
            "metricQueries.metric.metricName": "Metric.MetricName",
            "metricQueries.metric.namespace": "Metric.Namespace",
            "name": "AlarmName",
        },
        create=_put,
        updates=(_put,),
        reads=(
            Read("describe_alarms", at="MetricAlarms", pick=("AlarmName", "{name}"), fixed={"AlarmNames": ["{name}"]}),
        ),
        delete=Call("delete_alarms", properties=(), fixed={"AlarmNames": ["{name}"]}),
        missing=("ResourceNotFound",),
        autoname=Autoname("name", longest=255),
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        absent=("evaluateLowSampleCountPercentiles",),  # given by AWS where it was set only
        tags=Tags(),
        rules=(_needs, _watches, _period),
    ),
)
"""CloudWatch entries of the table."""
