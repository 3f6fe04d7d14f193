"""Actions: their access levels, resource types and condition keys.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services". The actions that a
call needs beside its own, such as ``iam:PassRole``, are not in it: the data names none for any action.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from infra.evaluator.catalogue import data
from infra.evaluator.glob import glob


class AccessLevel(StrEnum):
    """What an action does to the resource; of two levels that AWS names, the one beside ``Write``."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResource:
    """A type of resource that an action works on.

    Attributes:
        name: The type's name in the action's service, for `resource_type`.
        required: Whether every call names one; a policy that allows the call must allow the action on it.
        condition_keys: The keys that a request has for this type only.
    """

    name: str
    required: bool
    condition_keys: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of a service.

    Attributes:
        service: The service's prefix, for example ``s3``.
        name: The name as AWS writes it, for example ``GetObject``.
        access_level: What it does.
        resources: What it works on; empty where only ``*`` can be allowed.
        condition_keys: The keys that a request may have, as AWS writes them, for example ``aws:RequestTag/${TagKey}``.
    """

    service: str
    name: str
    access_level: AccessLevel
    resources: tuple[ActionResource, ...]
    condition_keys: frozenset[str]

    @property
    def full_name(self) -> str:
        """The action as a policy names it, for example ``s3:GetObject``."""
        return f"{self.service}:{self.name}"

    @property
    def resource_types(self) -> tuple[str, ...]:
        """The names of all types of resources that it works on."""
        return tuple(resource.name for resource in self.resources)

    @property
    def required_resource_types(self) -> tuple[str, ...]:
        """The names of the types of resources that every call names."""
        return tuple(resource.name for resource in self.resources if resource.required)

    @property
    def all_condition_keys(self) -> frozenset[str]:
        """The keys of the action and of all its resource types."""
        return self.condition_keys.union(*(resource.condition_keys for resource in self.resources))


def action(service: str, name: str) -> Action | None:
    """The action of that name, whose case is ignored; None where the service has none."""
    return _by_name(service.lower()).get(name.lower())


def actions(service: str) -> tuple[Action, ...]:
    """All actions of a service, by name; empty for a service that AWS does not have."""
    return tuple(_by_name(service.lower()).values())


def matching_actions(pattern: str) -> Iterator[Action]:
    """The actions that an entry of a policy's ``Action`` stands for, for example ``s3:Get*`` or ``*``.

    Case is ignored. ``*`` alone reads the catalogue of every service, which takes about a second the first time.
    """
    service, colon, name = pattern.partition(":")
    if not colon and service != "*":
        return
    matches = glob(name.lower() if colon else "*")
    for prefix in _services_of(service.lower()):
        yield from (found for lowered, found in _by_name(prefix).items() if matches(lowered))


def _services_of(pattern: str) -> Iterable[str]:
    if pattern in data.services():
        return (pattern,)
    return sorted(filter(glob(pattern), data.services()))


@lru_cache(maxsize=512)
def _by_name(service: str) -> Mapping[str, Action]:
    read = (_action(service, row) for row in data.rows("actions", service))
    return {found.name.lower(): found for found in sorted(read, key=lambda one: one.name)}


def _action(service: str, row: Mapping[str, Any]) -> Action:
    return Action(
        service=service,
        name=row["name"],
        access_level=_access_level(row["accessLevel"]),
        resources=tuple(_resource(entry) for entry in row["resourceTypes"]),
        condition_keys=frozenset(row["conditionKeys"]),
    )


def _resource(entry: Mapping[str, Any]) -> ActionResource:
    return ActionResource(
        name=entry["name"],
        required=entry["required"],
        condition_keys=frozenset(entry["conditionKeys"]),
    )


def _access_level(written: str) -> AccessLevel:
    levels = [AccessLevel(level.strip()) for level in written.split(",")]
    return next((level for level in levels if level is not AccessLevel.WRITE), AccessLevel.WRITE)
