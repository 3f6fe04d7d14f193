"""The inputs that a resource's real state amounts to: what a refresh or an import hands to the engine."""

from collections.abc import Mapping
from typing import Any, cast

from infra.sandbox.aws.diff import DEFAULTS, alike, canonical
from infra.sandbox.aws.plan import Plan
from infra.sandbox.aws.schema import PropertySchema
from infra.sandbox.aws.wire import Properties


def observed_inputs(plan: Plan, old: Properties, state: Properties) -> Properties:
    """Return the inputs as AWS has them now.

    An input that was given takes its real value; one that was not appears only if somebody else set it, that is if AWS
    would not have filled it in by itself. For an import (`old` is empty) every input with a value appears.
    """
    found: Properties = {}
    for name, schema in plan.schema["inputs"].items():
        if name == "region" and name not in old and (old or state.get(name) == plan.aws.region):
            continue
        if name not in plan.supported or schema.get("deprecated"):
            continue
        value, output = state.get(name), plan.schema["outputs"].get(name, schema)
        if name in old and value is not None and alike(plan, name, old[name], value):
            found[name] = old[name]
        elif name in old:
            found[name] = _observed(plan, name, output, old[name], value)
        elif not old or name not in plan.computed:
            default = plan.resource.defaults.get(name)
            if canonical(value) not in (canonical(None), canonical(False), canonical(default)):
                found[name] = value
    missing = {name: value for name, value in plan.resource.defaults.items() if name not in found and not old}
    listed = sorted(missing) if not old else old.get(DEFAULTS, [])
    return {**{name: value for name, value in found.items() if value is not None}, **missing, DEFAULTS: listed}


def _observed(plan: Plan, path: str, schema: PropertySchema, old: Any, real: Any) -> Any:
    """Return the real value without what AWS added by itself to the parts that were given."""
    if isinstance(old, Mapping) and isinstance(real, Mapping) and schema["kind"] == "object":
        given, actual = cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", real)
        fields = schema.get("fields", {})
        return {
            name: _observed(plan, f"{path}.{name}", fields[name], given.get(name), value)
            for name, value in actual.items()
            if name in given or not (fields[name].get("required") or f"{path}.{name}" in plan.computed)
        }
    if isinstance(old, list) and isinstance(real, list):
        olds, reals = cast("list[Any]", old), cast("list[Any]", real)
        item = schema.get("items", {"kind": "string"})
        if len(olds) == len(reals):
            return [_observed(plan, path, item, one, other) for one, other in zip(olds, reals, strict=True)]
    return cast("Any", old if canonical(old) == canonical(real) else real)
