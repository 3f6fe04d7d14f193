"""AWS Config: how often a recorder records, and when a rule evaluates, which moto takes and does not keep.

Source: AWS Config API Reference, "RecordingMode", "EvaluationModeConfiguration".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.config.models import ConfigBackend, ConfigRule

from infra.sandbox.moto_extensions.registry import wrap


def apply() -> None:
    """Changes moto, whose answers hold every attribute that a recorder or rule has."""
    wrap(ConfigBackend, "put_configuration_recorder", _put_recorder)
    wrap(ConfigRule, "modify_fields", _modify_rule)


def _put_recorder(original: Callable[..., None], backend: ConfigBackend, given: dict[str, Any]) -> None:
    original(backend, given)
    mode = given.get("recordingMode", {"recordingFrequency": "CONTINUOUS"})
    vars(backend.recorders[given["name"]])["recording_mode"] = mode


def _modify_rule(
    original: Callable[..., None], rule: ConfigRule, region: str, given: dict[str, Any], tags: dict[str, str]
) -> None:
    """Tags are given as a rule is made; a later change of the rule keeps them."""
    original(rule, region, given, tags or getattr(rule, "tags", {}))
    vars(rule)["evaluation_modes"] = given.get("EvaluationModes", [{"Mode": "DETECTIVE"}])
