"""The OpenAPI document in the documentation is that of the service, and says what callers need."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.api.documentation import FILE, document, render
from infra.settings import ROOT


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return document()


def test_the_file_is_as_the_service_says() -> None:
    """Where this fails: python -m infra.api.documentation."""
    assert (ROOT / FILE).read_text(encoding="utf-8") == render()


def test_each_operation_is_described(described: dict[str, Any]) -> None:
    """OpenAPI 3.1; each operation has a description, a problem for what goes wrong, and says that it needs a token."""
    assert described["openapi"].startswith("3.1")
    public = {"/healthz", "/readyz", "/metrics", "/problems", "/problems/{slug}"}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["description"], where
            assert "application/problem+json" in operation["responses"]["default"]["content"], where
            assert ("security" in operation) is (path not in public), where


def test_changes_can_be_repeated(described: dict[str, Any]) -> None:
    """Whatever starts something takes an Idempotency-Key; a PATCH takes If-Match."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method in ("post", "patch") and not path.endswith("/preview"):
                named = {each["name"].lower() for each in operation["parameters"]}
                assert "idempotency-key" in named, path
                assert ("if-match" in named) is (method == "patch"), path


def test_nothing_of_this_machine_is_in_it(described: dict[str, Any]) -> None:
    """Neither paths nor secrets."""
    text = json.dumps(described)
    assert str(ROOT) not in text
    assert "not a secret" not in text
