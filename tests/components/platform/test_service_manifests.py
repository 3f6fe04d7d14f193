"""The platform's stack puts out the service's manifests where its spec asks for the service, and nowhere else."""

from __future__ import annotations

import pulumi
import pytest
import yaml

from infra.kubernetes.service import manifests
from infra.spec import PlatformSpec
from stacks.platform import build_platform
from tests.components.recorder import record
from tests.components.specs import PLATFORM
from tests.kubernetes.a_service import PLATFORM as SERVED
from tests.kubernetes.a_service import SERVICE


def exported(platform: PlatformSpec, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The stack's outputs that are plain text."""
    found: dict[str, str] = {}

    def export(name: str, value: object) -> None:
        pulumi.Output.from_input(value).apply(lambda known: found.__setitem__(name, str(known)))

    monkeypatch.setattr(pulumi, "export", export)
    record(lambda: build_platform(platform))
    return found


def test_they_are_an_output_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = exported(SERVED, monkeypatch)["service_manifests"]
    assert list(yaml.safe_load_all(text)) == manifests(SERVED, SERVICE)


def test_without_the_key_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = exported(PLATFORM, monkeypatch)
    assert found["stage"] == PLATFORM.stage
    assert "service_manifests" not in found
