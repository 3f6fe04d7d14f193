"""The JSON of a report and its published schema say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from jsonschema import Draft202012Validator

from infra import struct_schema
from infra.proof.rendering import as_json
from infra.proof.rendering.schema import FILE, schema
from infra.proof.report import Report
from tests.proof.rendering.reports import BROKEN, HOSTILE, SOUND

ROOT = Path(__file__).parents[3]
REPORTS = {"broken": BROKEN, "sound": SOUND, "hostile": HOSTILE}


def errors(document: object) -> list[str]:
    """What is wrong with a document by the schema."""
    validator = cast("Any", Draft202012Validator(schema()))
    return [str(error.message) for error in validator.iter_errors(document)]


def test_the_exported_schema_is_current() -> None:
    """The file is what the structs say; ``python -m infra.proof.rendering.schema`` writes it anew."""
    assert (ROOT / FILE).read_text() == struct_schema.render(schema())


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_is_what_the_schema_says_and_can_be_read_again(report: Report) -> None:
    written = as_json(report)
    assert errors(json.loads(written)) == []
    assert msgspec.json.decode(written, type=Report) == report


def test_the_keys_are_those_that_scripts_rely_on() -> None:
    document = json.loads(as_json(BROKEN))
    assert list(document) == [
        "verdict", "tenants", "pairs", "seconds", "findings", "unknown", "not_modelled", "shared",
    ]  # fmt: skip
    assert {"verdict", "from", "to", "principal", "action", "resource", "context", "chain", "statements"} <= set(
        document["findings"][0]
    )


@pytest.mark.parametrize("key", ["verdict", "findings", "shared"])
def test_the_schema_misses_what_is_not_there(key: str) -> None:
    document = json.loads(as_json(BROKEN))
    del document[key]
    assert errors(document)


def test_the_schema_refuses_another_verdict() -> None:
    document = json.loads(as_json(BROKEN))
    document["findings"][0]["verdict"] = "Maybe"
    assert errors(document)


def test_every_field_is_described() -> None:
    for name, definition in schema()["$defs"].items():
        assert definition["description"], name
        for key, described in definition.get("properties", {}).items():
            assert described["description"], f"{name}.{key}"
