"""Delete markers can be removed by their version, as emptying a versioned bucket does: moto fails to dispose of them.

Source: Amazon S3 User Guide, "Managing delete markers".
"""

from __future__ import annotations

from moto.s3.models import FakeDeleteMarker

from infra.sandbox.moto_extensions.registry import add


def apply() -> None:
    """Changes moto."""
    add(FakeDeleteMarker, dispose=_dispose)


def _dispose(marker: FakeDeleteMarker, garbage: bool = False) -> None:
    """A marker holds no content that has to be freed."""
    del marker, garbage
