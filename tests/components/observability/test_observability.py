"""What a tenant's log groups and alerts topic say to AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.observability.alerts import AlertsTopic, AlertsTopicArgs
from components.observability.logs import TenantLogs, TenantLogsArgs
from infra.spec.tenant import TenantSpec
from tests.components.recorder import Recorder, record
from tests.components.specs import PLATFORM, model, tenant

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"


def logs(owner: TenantSpec) -> dict[str, Any]:
    args = TenantLogsArgs(platform=PLATFORM, tenant=owner, key_arn=KEY)
    groups = record(lambda: (TenantLogs("logs", args), None)[1]).of("cloudwatch/logGroup:LogGroup")
    return {group.inputs["name"]: group.inputs for group in groups}


def test_every_group_is_encrypted_and_expires() -> None:
    """Each group, SageMaker's own too, has the tenant's key and retention."""
    groups = logs(tenant(retention={"logs_days": 30}))
    assert groups.keys() == {"/bulkhead/dev/acme/workloads", "/aws/sagemaker/Endpoints/bh-dev-acme-tumour"}
    assert all((g["kmsKeyId"], g["retentionInDays"]) == (KEY, 30) for g in groups.values())


def test_a_model_that_is_served_nowhere_has_no_group() -> None:
    """Only endpoints write endpoint logs."""
    assert logs(tenant(models=[model(serve_on="none")])).keys() == {"/bulkhead/dev/acme/workloads"}


def topic(owner: TenantSpec | None) -> Recorder:
    args = AlertsTopicArgs(platform=PLATFORM, tenant=owner, key_arn=KEY, subscribers=["lead@acme.example"])
    return record(lambda: (AlertsTopic("alerts", args), None)[1])


@pytest.mark.parametrize("owner", [tenant(), None], ids=["tenant", "platform"])
def test_the_topic_is_encrypted_and_has_its_own_policy_and_readers(owner: TenantSpec | None) -> None:
    """The topic has the owner's key, a policy about itself, and its subscribers."""
    recorder = topic(owner)
    made = recorder.one("sns/topic:Topic")
    policy = json.loads(recorder.one("sns/topicPolicy:TopicPolicy")["policy"])
    subscription = recorder.one("sns/topicSubscription:TopicSubscription")
    assert made["kmsMasterKeyId"] == KEY
    assert {s["Resource"].rpartition(":")[2] for s in policy["Statement"]} == {made["name"]}
    assert (subscription["protocol"], subscription["endpoint"]) == ("email", "lead@acme.example")
