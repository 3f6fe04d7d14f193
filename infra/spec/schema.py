"""Write the JSON Schemas of the specs, by which editors complete and check the YAML files.

``python -m infra.spec.schema``, from the checkout's root, writes them. Each YAML file names its schema in its first
line, for the YAML language server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic.json_schema import GenerateJsonSchema

from infra.spec.common import SpecModel
from infra.spec.platform import PlatformSpec
from infra.spec.rules.instance_types import endpoint_instance_types
from infra.spec.tenant import TenantSpec

#: The exported files, from the checkout's root.
FOLDER = Path("docs/schema")
SPECS: Mapping[str, type[SpecModel]] = {"platform.schema.json": PlatformSpec, "tenant.schema.json": TenantSpec}


class _EditorSchema(GenerateJsonSchema):
    """JSON Schema without the titles that only repeat the key, and with descriptions as plain text."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


def schema_of(model: type[SpecModel]) -> dict[str, Any]:
    """The JSON Schema of `model`.

    A tenant's schema asks for no key that the defaults of a tier can hold: whether it is there is known only together.
    """
    schema = model.model_json_schema(schema_generator=_EditorSchema)
    if model is TenantSpec:
        _ask_for_less(schema)
        schema["$defs"]["Model"]["properties"]["instance_type"]["enum"] = list(endpoint_instance_types())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **cast("dict[str, Any]", _plain(schema))}


def _ask_for_less(schema: dict[str, Any]) -> None:
    partial: dict[str, Any] = PlatformSpec.model_json_schema()["$defs"]
    for name, own in {TenantSpec.__name__: schema, **schema["$defs"]}.items():
        optional = partial.get(f"{name}Defaults", {}).get("properties", {})
        own["required"] = [key for key in own.get("required", []) if key not in optional]


def render(model: type[SpecModel]) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema_of(model), indent=2) + "\n"


def main() -> None:
    """Write the schemas below the current folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, model in SPECS.items():
        (FOLDER / name).write_text(render(model), encoding="utf-8")


def _plain(value: object) -> object:
    """The schema without the markup of docstrings, and without defaults that say that there is none."""
    if isinstance(value, list):
        return [_plain(inner) for inner in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    plain = {key: _plain(inner) for key, inner in cast("dict[str, object]", value).items()}
    if isinstance(description := plain.get("description"), str):
        plain["description"] = description.replace("``", "`").replace("\n", " ")
    return {key: inner for key, inner in plain.items() if (key, inner) not in (("default", None), ("required", []))}


if __name__ == "__main__":
    main()
