"""Contract cases of CloudWatch Logs."""

from __future__ import annotations

from .case import Case, Clients, Outputs


def _forget(boto: Clients, group: Outputs) -> None:
    boto("logs").put_retention_policy(logGroupName=group["name"], retentionInDays=90)


CASES = (
    Case(
        type="aws:cloudwatch/logGroup:LogGroup",
        inputs=lambda _: {"name": "/contract/one", "retention_in_days": 7, "tags": {"owner": "one"}},
        update=lambda _: {"retention_in_days": 30, "tags": {"team": "two"}},
        replace=lambda _: {"name": "/contract/two"},
        tamper=_forget,
        tampered="retentionInDays",
        left=lambda boto: {group["logGroupName"] for group in boto("logs").describe_log_groups()["logGroups"]},
    ),
)
