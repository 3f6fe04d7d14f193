"""Sessions share the models of AWS's services: what one has parsed, the next one has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from infra import aws_models
from infra.aws_models import MODELS, core_session, load_models


def _client(monkeypatch: pytest.MonkeyPatch, session: Any) -> list[Path]:
    """Make a client, and say which files were read for it."""
    read: list[Path] = []
    usual = JSONFileLoader.load_file

    def load_file(self: JSONFileLoader, file_path: str) -> object:
        read.append(Path(file_path))
        return usual(self, file_path)

    with monkeypatch.context() as patched:
        patched.setattr(JSONFileLoader, "load_file", load_file)
        session.client("kms", region_name="eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")
    return [file for file in read if file.with_suffix(".json.gz").exists() or file.with_suffix(".json").exists()]


def test_a_session_reads_nothing_that_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    load_models()
    assert _client(monkeypatch, boto3.Session()), "a session of its own reads them anew"
    assert _client(monkeypatch, boto3.Session(botocore_session=core_session())) == []


def test_sessions_leave_no_trace_in_what_they_share() -> None:
    before = MODELS.search_paths
    boto3.Session(botocore_session=core_session())
    assert before == MODELS.search_paths
    assert str(Path(boto3.__file__).parent / "data") in before
    assert aws_models.core_session().get_component("data_loader") is MODELS
