"""The exported JSON Schemas: current, named by the YAML files, and asking for what the loader asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.spec.schema import FOLDER, SPECS, render, schema_of
from infra.spec.tenant import TenantSpec

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", SPECS)
def test_the_exported_schema_is_current(name: str) -> None:
    """The files are what the models say; ``python -m infra.spec.schema`` writes them anew."""
    assert (ROOT / FOLDER / name).read_text() == render(SPECS[name])


@pytest.mark.parametrize(
    ("spec", "schema"),
    [("stacks/platform.yaml", "platform.schema.json")]
    + [(f"tenant_stacks/specs/{name}.yaml", "tenant.schema.json") for name in ("acme", "globex")],
)
def test_editors_find_the_schema(spec: str, schema: str) -> None:
    """The first line of each spec is the YAML language server's, and its path leads to the schema."""
    file = ROOT / spec
    first, _, _ = file.read_text().partition("\n")
    start, _, path = first.partition("$schema=")
    assert start == "# yaml-language-server: "
    assert (file.parent / path).resolve() == ROOT / FOLDER / schema


@pytest.mark.parametrize("model", SPECS.values())
def test_every_key_is_checked(model: type[TenantSpec]) -> None:
    """No object of the schemas takes unknown keys, but those that are mappings by nature."""
    schema = schema_of(model)
    for name, definition in {"": schema, **schema["$defs"]}.items():
        assert definition["additionalProperties"] is False, name


def test_editors_do_not_ask_for_what_a_tier_gives() -> None:
    """A tenant may leave out what the defaults of its tier can hold, and nothing else."""
    schema = schema_of(TenantSpec)
    assert "region" not in schema["required"]
    assert {"id", "tier", "network", "identity"} <= set(schema["required"])
    assert "required" not in schema["$defs"]["Budget"]
    assert schema["$defs"]["Artifact"]["required"] == ["key"]


def test_editors_complete_the_instance_type() -> None:
    """An editor proposes the types that the loader takes."""
    proposed = schema_of(TenantSpec)["$defs"]["Model"]["properties"]["instance_type"]["enum"]
    assert "ml.m5.large" in proposed
    assert len(proposed) > 100


def test_defaults_of_a_tier_complete_in_editors() -> None:
    """The defaults of a tier are typed as a tenant's keys are, without those that make a tenant this tenant."""
    definitions: dict[str, Any] = schema_of(SPECS["platform.schema.json"])["$defs"]
    defaults = definitions["TenantSpecDefaults"]["properties"]
    assert set(defaults) == set(TenantSpec.model_fields) - {
        "id", "display_name", "owner", "tier", "cost_center", "network", "identity", "models",
    }  # fmt: skip
    assert definitions["TenantQuotasDefaults"]["properties"]["max_models"]["type"] == "integer"
