"""What the server is told by environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadSetting(Exception):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The server's settings; each names its environment variable.

    Attributes:
        model_folder: `SM_MODEL_DIR`: where the model was unpacked.
        model_sha256: `BULKHEAD_MODEL_SHA256`: SHA-256, in hex, of the archive that was deployed. Required, unless
            `BULKHEAD_ALLOW_UNPINNED_MODEL` is 1, which is for a developer's machine only.
        host: `BULKHEAD_HOST`: the address to listen on.
        port: `SAGEMAKER_BIND_TO_PORT`: the port to listen on.
        max_body_bytes: `BULKHEAD_MAX_BODY_BYTES`: larger requests get 413. SageMaker's own limit by default.
        max_batch_rows: `BULKHEAD_MAX_BATCH_ROWS`: rows that one call of the model takes from several requests.
        max_queued_rows: `BULKHEAD_MAX_QUEUED_ROWS`: with more rows waiting, requests get 503.
        drain_seconds: `BULKHEAD_DRAIN_SECONDS`: how long to answer requests after SIGTERM while /ping says no more.
    """

    model_folder: Path
    model_sha256: str | None
    host: str
    port: int
    max_body_bytes: int
    max_batch_rows: int
    max_queued_rows: int
    drain_seconds: float


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Reads the settings.

    Raises:
        BadSetting: Names the variable, its value and what it must be.
    """
    sha256 = environment.get("BULKHEAD_MODEL_SHA256")
    if sha256 is None and environment.get("BULKHEAD_ALLOW_UNPINNED_MODEL") != "1":
        raise BadSetting(
            "BULKHEAD_MODEL_SHA256 is missing: set it to the SHA-256, in hex, of the model.tar.gz that was deployed"
        )
    if sha256 is not None and not re.fullmatch("[0-9a-f]{64}", sha256):
        raise BadSetting(f"BULKHEAD_MODEL_SHA256={sha256!r} is not a SHA-256 in lower-case hex")
    return Settings(
        model_folder=Path(environment.get("SM_MODEL_DIR", "/opt/ml/model")),
        model_sha256=sha256,
        host=environment.get("BULKHEAD_HOST", "127.0.0.1"),
        port=_whole(environment, "SAGEMAKER_BIND_TO_PORT", 8080, 0, 65535),
        max_body_bytes=_whole(environment, "BULKHEAD_MAX_BODY_BYTES", 6_291_456, 1, 2**31),
        max_batch_rows=_whole(environment, "BULKHEAD_MAX_BATCH_ROWS", 4096, 1, 2**31),
        max_queued_rows=_whole(environment, "BULKHEAD_MAX_QUEUED_ROWS", 1_000_000, 1, 2**31),
        drain_seconds=_whole(environment, "BULKHEAD_DRAIN_SECONDS", 5, 0, 600),
    )


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSetting(f"{name}={text!r} is not a whole number from {least} to {most}")
    return int(text)
