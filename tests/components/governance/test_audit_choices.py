"""What the platform's spec chooses of the audit: make, adopt or leave alone what a Region has one of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.governance.audit import Audit, AuditArgs, NothingToAdopt
from components.governance.configuration import RULES
from components.storage.access_logs import AccessLogs, AccessLogsArgs
from infra.spec.platform import Audit as AuditSpec
from tests.components.recorder import InvokeRefused, Recorder, record
from tests.components.specs import PLATFORM

KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f5ca1ab-1e00-4000-8000-000000000000"
DETECTOR = "aws:guardduty/getDetector:getDetector"


def made(audit: AuditSpec, invokes: Mapping[str, Any] | None = None) -> Recorder:
    """What a platform with these choices registers."""
    platform = PLATFORM.model_copy(update={"audit": audit})

    def program() -> None:
        access_logs = AccessLogs("access-logs", AccessLogsArgs(platform=platform))
        Audit("audit", AuditArgs(platform=platform, key_arn=KEY, access_logs=access_logs))

    return record(program, invokes)


def test_everything_is_made_where_there_is_nothing() -> None:
    """A fresh account gets a recorder with its channel, the rules, and a detector."""
    recorder = made(AuditSpec(guardduty="create", config="create"))
    assert len(recorder.of("cfg/recorder:Recorder")) == 1
    assert recorder.one("cfg/recorderStatus:RecorderStatus")["isEnabled"] is True
    assert len(recorder.of("cfg/rule:Rule")) == len(RULES)
    assert recorder.one("guardduty/detector:Detector")["enable"] is True


def test_what_the_account_has_is_adopted() -> None:
    """A second recorder or detector would be refused: only the rules are made, and the detector is looked up."""
    found: list[Mapping[str, Any]] = []

    def detector(args: Mapping[str, Any]) -> Mapping[str, Any]:
        found.append(args)
        return {"id": "0123456789abcdef0123456789abcdef", "status": "ENABLED"}

    recorder = made(AuditSpec(guardduty="adopt", config="adopt"), {DETECTOR: detector})
    assert len(found) == 1
    assert recorder.of("guardduty/detector:Detector") == []
    assert recorder.of("cfg/recorder:Recorder") == recorder.of("cfg/deliveryChannel:DeliveryChannel") == []
    assert len(recorder.of("cfg/rule:Rule")) == len(RULES)


def test_nothing_to_adopt_is_an_error_with_its_remedy() -> None:
    """The error says which key of the spec to change."""

    def refuse(_: Mapping[str, Any]) -> Mapping[str, Any]:
        raise InvokeRefused("reading GuardDuty Detector: empty result")

    with pytest.raises(NothingToAdopt, match=r"audit\.guardduty: create"):
        made(AuditSpec(guardduty="adopt", config="off"), {DETECTOR: refuse})


def test_what_is_off_is_left_alone() -> None:
    """Neither Config nor GuardDuty is touched; the trail is there all the same."""
    recorder = made(AuditSpec(guardduty="off", config="off"))
    assert not [each for each in recorder.resources if "guardduty" in each.type or "aws:cfg" in each.type]
    assert len(recorder.of("cloudtrail/trail:Trail")) == 1


@pytest.mark.parametrize(("prevent", "mode"), [(True, "COMPLIANCE"), (False, "GOVERNANCE")])
def test_the_lock_of_the_trail_follows_the_spec(prevent: bool, mode: str) -> None:
    """Where deletion is prevented not even the root user can shorten the lock."""
    platform = PLATFORM.model_copy(
        update={"prevent_deletion": prevent, "audit": AuditSpec(guardduty="off", config="off")}
    )

    def program() -> None:
        access_logs = AccessLogs("access-logs", AccessLogsArgs(platform=platform))
        Audit("audit", AuditArgs(platform=platform, key_arn=KEY, access_logs=access_logs))

    recorder = record(program)
    retention = recorder.one("s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")["rule"][
        "defaultRetention"
    ]
    assert retention == {"mode": mode, "days": platform.retention.audit_days}
    buckets = [each.inputs for each in recorder.of("s3/bucket:Bucket")]
    assert {bucket["forceDestroy"] for bucket in buckets} == {not prevent}
    assert [bucket["objectLockEnabled"] for bucket in buckets] == [False, True], "only the trail's bucket is locked"
