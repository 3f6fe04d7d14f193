"""GuardDuty has one detector a Region: a second is refused, which moto lets pass.

Source: Amazon GuardDuty API Reference, "CreateDetector" (one detector per account per Region).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.guardduty.exceptions import GuardDutyException
from moto.guardduty.models import GuardDutyBackend

from infra.sandbox.moto_extensions.registry import wrap


class _DetectorExists(GuardDutyException):
    code = 400

    def __init__(self) -> None:
        super().__init__(
            "BadRequestException",
            "The request is rejected because a detector already exists for the current account.",
        )


def apply() -> None:
    """Changes moto."""
    wrap(GuardDutyBackend, "create_detector", _create)


def _create(original: Callable[..., str], backend: GuardDutyBackend, *args: Any, **given: Any) -> str:
    if backend.detectors:
        raise _DetectorExists
    return original(backend, *args, **given)
