"""Check inputs at preview: names, types, required and deprecated properties, AWS's limits, cross-property rules."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.sandbox.aws.diff import DEFAULTS
from infra.sandbox.aws.entry import Autoname, Call
from infra.sandbox.aws.errors import nearest
from infra.sandbox.aws.plan import Plan
from infra.sandbox.aws.schema import PropertySchema
from infra.sandbox.aws.tags import with_defaults
from infra.sandbox.aws.wire import Properties, has_unknown

Failures = list[tuple[str, str]]
"""(property path, reason) for everything that is wrong."""


def check(plan: Plan, name: str, old: Properties, given: Properties, seed: bytes) -> tuple[Properties, Failures]:
    """Return the inputs as the provider will use them (named, with defaults and default tags), and their faults.

    `name` is the resource's logical name, `seed` the engine's randomness for automatic names.
    """
    inputs = {key: value for key, value in given.items() if not key.startswith("__")}
    failures = list(structure(plan.schema["inputs"], inputs))
    failures += [
        (key, f"the offline provider does not support this property of {plan.resource.short}")
        for key in inputs
        if key in plan.schema["inputs"]
        and not plan.schema["inputs"][key].get("deprecated")
        and key not in plan.supported
    ]
    if failures:
        return inputs, failures
    inputs = _documents(plan.schema["inputs"], inputs)
    if "tags" in plan.supported:
        inputs = with_defaults(inputs, plan.aws.default_tags)
    inputs = _filled(plan, name, old, inputs, seed)
    failures += _limits(plan, inputs)
    failures += [failure for rule in plan.resource.rules for failure in rule(inputs)]
    return inputs, failures


def structure(fields: Mapping[str, PropertySchema], value: Properties, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the names and types of an object's properties, and which required ones are missing."""
    for name, schema in fields.items():
        if schema.get("required") and value.get(name) is None:
            yield f"{path}{name}", "missing required property"
    for name, inner in value.items():
        schema = fields.get(name)
        if schema is None:
            yield f"{path}{name}", f"unknown property; {nearest(name, fields)}"
        elif schema.get("deprecated"):
            yield (
                f"{path}{name}",
                "deprecated and not supported; use the resource type that replaces it",
            )
        else:
            yield from _typed(schema, inner, f"{path}{name}")


def _typed(schema: PropertySchema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if value is None or (isinstance(value, str) and has_unknown(value)):
        return
    kind = schema["kind"]
    if kind == "json" or (kind == "string" and path.lower().endswith("policy")):
        yield from _document(value, path, text_only=kind == "string")
        return
    if not _fits(kind, value):
        yield path, f"expected {kind}; got {_type(value)}"
        return
    if kind == "object":
        yield from structure(schema.get("fields", {}), cast("Properties", value), f"{path}.")
    elif kind == "list":
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _typed(schema.get("items", {"kind": "string"}), item, f"{path}[{index}]")
    elif kind == "map":
        for key, item in cast("dict[str, Any]", value).items():
            yield from _typed(schema.get("items", {"kind": "string"}), item, f"{path}.{key}")


def _fits(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "number": (int, float), "list": list}
    return isinstance(value, kinds.get(kind, dict)) and kind != "boolean"


def _type(value: Any) -> str:
    names: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number", list: "list"}
    return names.get(type(value), "object")


def _document(value: Any, path: str, *, text_only: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            yield path, f"contains an invalid JSON document: {error}"
            return
    elif text_only:
        yield path, f"expected a JSON document as a string; got {_type(value)}"
        return
    if not isinstance(value, dict):
        yield path, "expected a JSON object"


def _documents(fields: Mapping[str, PropertySchema], inputs: Properties) -> Properties:
    def text(name: str, value: Any) -> Any:
        return json.dumps(value) if fields[name]["kind"] == "json" and not isinstance(value, str) else value

    return {name: text(name, value) for name, value in inputs.items()}


def _filled(plan: Plan, name: str, old: Properties, inputs: Properties, seed: bytes) -> Properties:
    filled = {key: value for key, value in plan.resource.defaults.items() if inputs.get(key) is None}
    auto = plan.resource.autoname
    if auto and inputs.get(auto.property) is None:
        kept = old.get(auto.property) if auto.property in old.get(DEFAULTS, ()) else None
        filled[auto.property] = kept or automatic_name(auto, name, seed)
    return {**inputs, **filled, DEFAULTS: sorted(filled)}


def automatic_name(auto: Autoname, name: str, seed: bytes) -> str:
    """Return the logical name with seven hex digits, as the official provider makes names."""
    digits = hashlib.sha256(seed).hexdigest()[:7] if seed else secrets.token_hex(4)[:7]
    made = f"{auto.prefix}{name[: auto.longest - len(auto.prefix) - 8]}-{digits}"
    return made.lower() if auto.lower else made


def _limits(plan: Plan, inputs: Properties) -> Iterator[tuple[str, str]]:
    probe, seen = plan.action(inputs), set[str]()
    calls = [call for call in (plan.resource.create, *plan.resource.updates) if isinstance(call, Call)]
    for call in calls:
        names = {*probe.carries(call)} - seen
        seen |= names
        for path, reason in probe.translate(call, {key: inputs[key] for key in inputs if key in names}).problems:
            if path.partition(".")[0].partition("[")[0] not in plan.resource.unchecked:
                yield path, reason
