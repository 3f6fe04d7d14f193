"""What differs between two property maps, as AWS would see it: JSON by meaning, lists as sets, replace or update."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from infra.sandbox.aws.plan import Plan
from infra.sandbox.aws.wire import UNKNOWN, Properties

DEFAULTS = "__defaults"
"""The input that lists those inputs which the provider filled in, as the official provider keeps it."""


@dataclass
class Difference:
    """Changed properties as path -> (kind, whether it replaces), and how a replacement is to be ordered."""

    changes: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])
    delete_before_replace: bool = False

    @property
    def replaces(self) -> list[str]:
        """Paths that force replacement."""
        return [path for path, (_, replace) in self.changes.items() if replace]


def difference(plan: Plan, old: Properties, old_state: Properties, new: Properties) -> Difference:
    """Compare the old with the new inputs."""
    found = Difference()
    further = plan.resource.replace_if
    replacing = {*plan.replacing, *(further(old, new) if further else ())}
    for name in sorted(changed_names(plan, old, new)):
        for path, kind in [*_paths(name, old.get(name), new.get(name))] or [(name, "update")]:
            found.changes[path] = kind, name in replacing
    here = old_state.get("region")
    if "region" in plan.schema["outputs"] and here and new.get("region", plan.aws.region) != here:
        found.changes["region"] = "update", True
    found.delete_before_replace = bool(found.replaces) and _collides(plan, old, new)
    return found


def _collides(plan: Plan, old: Properties, new: Properties) -> bool:
    auto = plan.resource.autoname
    if plan.resource.delete_before_replace or auto is None:
        return plan.resource.delete_before_replace
    given = auto.property in new and auto.property not in new.get(DEFAULTS, ())
    return given and old.get(auto.property) == new[auto.property]


def changed_names(plan: Plan, old: Properties, new: Properties) -> set[str]:
    """Return the names of the inputs that differ; one that is no longer given and that AWS fills in does not."""
    changed: set[str] = set()
    for name in {*old, *new} - {DEFAULTS}:
        before, after = old.get(name), new.get(name)
        if after is None and name in plan.computed:
            continue
        if not alike(plan, name, before, after):
            changed.add(name)
    return changed


def alike(plan: Plan, name: str, before: Any, after: Any) -> bool:
    """Return whether two values of the property mean the same."""
    custom = plan.resource.same.get(name)
    if custom and before is not None and after is not None and UNKNOWN not in (before, after):
        return custom(before, after)
    return canonical(before, ordered=name in plan.resource.ordered) == canonical(
        after, ordered=name in plan.resource.ordered
    )


def canonical(value: Any, *, ordered: bool = False) -> str:
    """Return a text that is equal for values that mean the same."""
    return json.dumps(_canonical(value, ordered=ordered, policy=False), sort_keys=True)


def _canonical(value: Any, *, ordered: bool, policy: bool) -> Any:
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        kept = {key: _canonical(item, ordered=ordered, policy=policy) for key, item in items}
        # In a block, as in the official provider, zero is the same as not given; in a policy it is not.
        empty = (None,) if policy else (None, 0)
        return {key: item for key, item in kept.items() if item not in empty} or None
    if isinstance(value, list):
        items = [_canonical(item, ordered=ordered, policy=policy) for item in cast("list[Any]", value)]
        # IAM takes a list of one and the item itself for the same.
        if policy and len(items) == 1:
            return items[0]
        return (items if ordered else sorted(items, key=lambda item: json.dumps(item, sort_keys=True))) or None
    if isinstance(value, str) and value[:1] == "{":
        try:
            return _canonical(json.loads(value), ordered=ordered, policy=True)
        except ValueError:
            return value
    return value if value != "" else None


def _paths(path: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Yield where two differing values differ: inside maps by key, else as a whole."""
    if before is None or after is None:
        yield path, "add" if before is None else "delete"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        left, right = cast("Mapping[str, Any]", before), cast("Mapping[str, Any]", after)
        for key in sorted({*left, *right}):
            if canonical(left.get(key)) != canonical(right.get(key)):
                yield from _paths(f"{path}{_step(key)}", left.get(key), right.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        olds, news = cast("list[Any]", before), cast("list[Any]", after)
        for index in range(max(len(olds), len(news))):
            one = olds[index] if index < len(olds) else None
            other = news[index] if index < len(news) else None
            if canonical(one) != canonical(other):
                yield from _paths(f"{path}[{index}]", one, other)
    else:
        yield path, "update"


def _step(key: str) -> str:
    return f".{key}" if key.replace("_", "").isalnum() else f'["{key}"]'
