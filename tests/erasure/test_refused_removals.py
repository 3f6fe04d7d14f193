"""A removal that AWS refuses fails its step with a class that says whether it passes by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.erasure.removal import Removal, stamp
from infra.lifecycle.failures import FailureClass
from infra.live.account import Absent, Unread
from infra.provisioning.failures import failed
from infra.provisioning.steps import remove
from tests.erasure import issued

_VPC = replace(issued.ROLE, kind="ec2:vpc", id="vpc-1")


def _refused(code: str, message: str = "because") -> Removal:
    return stamp(_VPC, "failed", str(Unread("ec2", "DeleteVpc", code, message)), issued.FINISHED)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("DependencyViolation", FailureClass.TRANSIENT),
        ("RequestLimitExceeded", FailureClass.TRANSIENT),
        ("AccessDenied", FailureClass.INTERNAL),
        ("BucketNotEmpty", FailureClass.INTERNAL),
        ("InvalidParameterValue", FailureClass.INTERNAL),
    ],
)
def test_what_aws_said_decides(code: str, wanted: FailureClass) -> None:
    failure = remove._not_removed("acme", [_refused(code), _refused("AccessDenied")])  # pyright: ignore[reportPrivateUsage]
    assert failure.failure_class is wanted
    assert failure.message == f"not to be removed of acme: ec2:vpc vpc-1: ec2 DeleteVpc: {code}: because and 1 more"
    assert failure.remedy


def test_reads_that_fail_in_a_step_have_a_class_too() -> None:
    for error, wanted in (
        (Unread("kms", "ListKeys", "ThrottlingException", "slow down"), FailureClass.TRANSIENT),
        (Unread("kms", "ListKeys", "AccessDeniedException", "no"), FailureClass.INTERNAL),
        (Absent("NoSuchEntity: there is no such role"), FailureClass.TRANSIENT),
    ):
        found = failed(error)
        assert found is not None
        assert (found.failure_class, bool(found.remedy)) == (wanted, True)
    assert failed(ValueError("a defect")) is None
