"""The platform of the demo, as the tests bring it up."""

from __future__ import annotations

from infra.spec import PlatformSpec, load_platform
from stacks.platform import build_platform
from stacks.program import platform_file

PLATFORM: PlatformSpec = load_platform(platform_file())


def build() -> None:
    """Register the platform."""
    build_platform(PLATFORM)
