"""What the rules of the policy pack find in a planned stack, and which of that the change brings.

The engine's events do not say what a resource depends on; its deployed state does. So rules of whole stacks, which look
at that, are asked about what is deployed already; the pack itself, at `up`, is asked about all.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, cast

from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime, level_under
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule
from infra.policy_pack.rules import RULES
from infra.proof.facts.records import known
from infra.review.model import PolicyFinding
from infra.spec import Estate, TenantSpec

_GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})

#: What a deployed state says of what a resource is tied to.
_TIES = ("dependencies", "propertyDependencies", "parent", "provider")

State = Mapping[str, Any]


def findings(
    stack: str,
    specs: Estate,
    *,
    events: bytes,
    deployed: Iterable[Mapping[str, Any]],
    shared_vpcs: Iterable[str] = (),
) -> tuple[PolicyFinding, ...]:
    """What the rules find in a stack as it is planned.

    Args:
        stack: Its name.
        specs: The specs, which say what is expected of it.
        events: The engine's events of its preview.
        deployed: The resources of its export; none where it is not deployed.
        shared_vpcs: The ids of the VPCs that several tenants share.

    Raises:
        Unreadable: a state is nested too deeply.
    """
    expected = dataclasses.replace(_expectations(specs, stack), shared_vpcs=frozenset(shared_vpcs))
    there = {str(state["urn"]): state for state in deployed}
    ties = {urn: {key: state[key] for key in _TIES if key in state} for urn, state in there.items()}
    with_ties = [{**ties.get(str(state["urn"]), {}), **state} for state in _planned(events)]
    planned = list(_examined(stack, with_ties, expected, tied=ties.keys()))
    known_already = {_key(one) for one in _examined(stack, there.values(), expected, tied=ties.keys())}
    return tuple(dataclasses.replace(one, new=_key(one) not in known_already) for one in planned)


def _examined(
    stack: str, states: Iterable[State], expected: Expectations, *, tied: Collection[str]
) -> Iterator[PolicyFinding]:
    listed = list(states)
    by_urn = {str(state["urn"]): state for state in listed}
    given = [_resource(state, by_urn, outputs=False) for state in listed]
    whole = [_resource(state, by_urn, outputs=True) for state in listed]
    for rule in RULES:
        level = level_under(expected.regimes, rule.levels, rule.level)
        if level is Level.DISABLED:
            continue
        for resource in given:
            for found in rule.examine(resource, expected):
                yield _finding(stack, rule, level, resource, found)
        for resource, found in rule.examine_stack(whole, expected) if tied else ():
            if resource.urn in tied:
                yield _finding(stack, rule, level, resource, found)


def _finding(stack: str, rule: Rule, level: Level, resource: StackResource, found: Finding) -> PolicyFinding:
    return PolicyFinding(
        stack=stack,
        rule=rule.id,
        level="mandatory" if level is Level.MANDATORY else "advisory",
        control=", ".join(rule.standards),
        resource=resource.name,
        type=resource.type,
        message=f"{found.property}: {found.message}" if found.property else found.message,
        remedy=found.remedy or rule.remedy,
    )


def _key(finding: PolicyFinding) -> tuple[str, ...]:
    return finding.rule, finding.type, finding.resource, finding.message


def _expectations(specs: Estate, stack: str) -> Expectations:
    """A stack that is no tenant's carries them all, and is under the regimes of all."""
    tenant = specs.tenants.get(stack)
    if tenant is None:
        regimes = {regime for each in specs.tenants.values() for regime in _regimes(each)}
        return Expectations(regimes=frozenset(regimes))
    return Expectations(owner=tenant.id, regimes=_regimes(tenant), regions=frozenset(tenant.data_residency))


def _regimes(tenant: TenantSpec) -> frozenset[Regime]:
    return frozenset(map(Regime, tenant.compliance))


def _planned(events: bytes) -> Iterable[State]:
    """The states of the resources that there would be."""
    found: dict[str, State] = {}
    for line in events.splitlines():
        event = json.loads(line)
        step = event.get("resOutputsEvent") or event.get("resourcePreEvent")
        if step is None:
            continue
        metadata = cast("Mapping[str, Any]", step["metadata"])
        if metadata["op"] not in _GONE and metadata.get("new") is not None:
            found[str(metadata["urn"])] = metadata["new"]
    return found.values()


def _resource(state: State, states: Mapping[str, State], *, outputs: bool) -> StackResource:
    urn = str(state["urn"])
    provider_urn = str(state.get("provider") or "").rpartition("::")[0]
    provider = states.get(provider_urn, {})
    leads_to = cast("Mapping[str, list[str] | None]", state.get("propertyDependencies") or {})
    given = cast("Mapping[str, Any]", state.get("inputs") or {})
    made = cast("Mapping[str, Any]", (state.get("outputs") if outputs else None) or {})
    return StackResource(
        type=str(state["type"]),
        name=urn.rpartition("::")[2],
        urn=urn,
        properties=known({**given, **made}, "the preview", urn),
        provider=known(provider.get("inputs"), "the preview", provider_urn),
        provider_urn=provider_urn,
        leads_to={key: tuple(urns or ()) for key, urns in leads_to.items()},
        depends_on=tuple(state.get("dependencies") or ()),
        parent=str(state.get("parent") or ""),
    )
