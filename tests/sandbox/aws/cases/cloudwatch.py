"""Contract cases of CloudWatch."""

from __future__ import annotations

from .case import Case, Clients, Inputs, Outputs

_TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
_METRIC: Inputs = {
    "namespace": "AWS/SageMaker",
    "metric_name": "ModelLatency",
    "dimensions": {"EndpointName": "one", "VariantName": "main"},
    "period": 60,
    "unit": "Microseconds",
    "extended_statistic": "p99",
}


def _silence(boto: Clients, alarm: Outputs) -> None:
    boto("cloudwatch").disable_alarm_actions(AlarmNames=[alarm["name"]])


def _expression() -> Inputs:
    """Another alarm in the same place: the errors' share of all calls, and nothing of the one metric."""
    errors = {
        "metric_name": "Errors",
        "namespace": "Own",
        "period": 60,
        "stat": "Sum",
        "dimensions": {"EndpointName": "one"},
    }
    return {
        **dict.fromkeys(_METRIC),
        "metric_queries": [
            {"id": "share", "expression": "errors / calls", "label": "Share", "return_data": True},
            {"id": "errors", "metric": errors},
            {"id": "calls", "metric": {**errors, "metric_name": "Calls"}},
        ],
    }


CASES = (
    Case(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        inputs=lambda _: {
            "name": "contract-one",
            **_METRIC,
            "comparison_operator": "GreaterThanThreshold",
            "threshold": 0.5,
            "evaluation_periods": 2,
            "alarm_description": "one",
            "alarm_actions": [_TOPIC],
            "tags": {"owner": "one"},
        },
        update=lambda _: {
            **_expression(),
            "alarm_description": None,
            "threshold": 5,
            "datapoints_to_alarm": 1,
            "ok_actions": [_TOPIC],
            "treat_missing_data": "notBreaching",
            "tags": {"team": "two"},
        },
        replace=lambda _: {"name": "contract-two"},
        tamper=_silence,
        tampered="actionsEnabled",
        left=lambda boto: {alarm["AlarmName"] for alarm in boto("cloudwatch").describe_alarms()["MetricAlarms"]},
    ),
)
