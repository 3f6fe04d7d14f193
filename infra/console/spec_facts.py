"""What the console tells of a tenant's spec: read leniently, since one that an older version took must still show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model of the tenant."""

    name: str
    framework: str
    artifact: str
    serving: str
    instances: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecFacts:
    """A tenant's spec, in words; what it does not say is empty.

    Attributes:
        display_name: What people call it.
        tier: Its tier.
        region: Its AWS Region.
        rows: The other facts, each with what it is called.
        models: Its models.
        text: The whole spec.
    """

    display_name: str
    tier: str
    region: str
    rows: tuple[tuple[str, str], ...]
    models: tuple[ModelFacts, ...]
    text: str


def spec_facts(spec: str) -> SpecFacts:
    """The facts of a spec.

    Args:
        spec: The spec as JSON.
    """
    found = _mapping(json.loads(spec))
    network, budget = _mapping(found.get("network")), _mapping(found.get("monthly_budget"))
    deploy = _mapping(_mapping(found.get("identity")).get("deploy"))
    where = _word(network.get("cidr")) + (f" in cell {_word(network['cell'])}" if network.get("cell") else "")
    rows = (
        ("owner", _word(found.get("owner"))),
        ("data may be in", _listed(found.get("data_residency"))),
        ("compliance", _listed(found.get("compliance"))),
        ("network", where),
        ("budget a month", f"{_word(budget.get('limit_usd'))} USD" if budget else ""),
        ("cost center", _word(found.get("cost_center"))),
        ("deployed from", _word(deploy.get("repository"))),
    )
    return SpecFacts(
        display_name=_word(found.get("display_name")),
        tier=_word(found.get("tier")),
        region=_word(found.get("region")),
        rows=tuple((name, value) for name, value in rows if value),
        models=tuple(_model(_mapping(each)) for each in _items(found.get("models"))),
        text=json.dumps(found, indent=2, ensure_ascii=False),
    )


def _model(found: Mapping[str, Any]) -> ModelFacts:
    instances = _mapping(found.get("instances"))
    served = found.get("serve_on", "sagemaker") != "none"
    return ModelFacts(
        name=_word(found.get("name")),
        framework=f"{_word(found.get('framework'))} {_word(found.get('image_tag'))}".strip(),
        artifact=_word(_mapping(found.get("artifact")).get("key")),
        serving=_word(found.get("instance_type")) if served else "registered only",
        instances=f"{_word(instances.get('min'))} to {_word(instances.get('max'))}" if served and instances else "",
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _items(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _listed(value: object) -> str:
    return ", ".join(_word(each) for each in _items(value))


def _word(value: object) -> str:
    return "" if value is None else str(value)
