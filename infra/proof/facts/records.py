"""One resource in neutral form, whoever wrote it down: the provider's type and property names, and what is not known.

Sources: Pulumi documentation, "Secrets", "State and backends"; the engine's marks are those of its package
``sdk/go/common/resource`` (signatures of special values, placeholders of unknown ones).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from infra.planned import UNKNOWN
from infra.proof.facts.inputs import MOST_DEEP, Unreadable
from infra.proof.facts.model import Source

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the engine's mark, the same in every state
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_HIDDEN = "[secret]"
#: What stands for a text, flag, number, list, asset, archive and mapping that is not known yet.
_UNKNOWN = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_URN_PARTS = 4
_UUID = 36


@dataclass(frozen=True, slots=True)
class Record:
    """A resource as a stack, plan or folder has it.

    Args:
        type: The type token: ``aws:iam/role:Role``.
        properties: What is known of it, by the provider's names; `UNKNOWN` where a value is not.
        source: Where it was read.
        id: The provider's id; None before it is deployed.
        provider: The URN of its provider; empty where none is written down.
        planned: Whether it is only planned, so that a computed property that is absent is not known yet.
        leads_to: Property to the URNs of the resources that its value comes from.
        custom: Whether a provider manages it; components are only their parts.
        external: Whether the program only reads it: another stack may say more.
    """

    type: str
    properties: Mapping[str, Any]
    source: Source
    id: str | None = None
    provider: str = ""
    planned: bool = False
    leads_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    custom: bool = True
    external: bool = False

    def text(self, key: str) -> str | None:
        """A known text that is not empty."""
        value = self.properties.get(key)
        return value if isinstance(value, str) and value else None

    def unknown(self, key: str) -> bool:
        """Whether the property has, or will have, a value that is not known."""
        value = self.properties.get(key)
        return value is UNKNOWN or (value is None and self.planned and key not in self.properties)

    def texts(self, key: str) -> tuple[str, ...]:
        """The known texts of a list."""
        value = self.properties.get(key)
        listed: list[object] = cast("list[object]", value) if isinstance(value, list) else []
        return tuple(entry for entry in listed if isinstance(entry, str))

    def partly_unknown(self, key: str) -> bool:
        """Whether a list, or an entry of it, is not known."""
        value = self.properties.get(key)
        return value is UNKNOWN or (isinstance(value, list) and UNKNOWN in cast("list[object]", value))

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A nested mapping, or the only one of a list of one; empty where there is none."""
        value = self.properties.get(key)
        if isinstance(value, list):
            entries = cast("list[object]", value)
            value = entries[0] if len(entries) == 1 else None
        return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}

    def blocks(self, key: str) -> tuple[Mapping[str, Any], ...]:
        """The nested mappings of a list."""
        value = self.properties.get(key)
        listed: list[object] = cast("list[object]", value) if isinstance(value, list) else []
        return tuple(cast("Mapping[str, Any]", entry) for entry in listed if isinstance(entry, dict))


def source_of(urn: str, position: str | None, where: str) -> Source:
    """The source of a resource.

    Args:
        urn: Its URN.
        position: The engine's source position: ``project:///components/roles.py#70``.
        where: The file that it was read from.

    Raises:
        Unreadable: It is no URN.
    """
    parts = urn.split("::", _URN_PARTS - 1)
    if len(parts) < _URN_PARTS or not parts[0].startswith("urn:pulumi:"):
        raise Unreadable(
            f"{urn[:200]!r} is no URN", "write the output of `pulumi stack export` to the file anew", where=where
        )
    stack = f"{parts[1]}/{parts[0].removeprefix('urn:pulumi:')}"
    file, _, line = (position or "").removeprefix("project:///").partition("#")
    number = line.partition(",")[0]
    return Source(stack, urn, file or None, int(number) if number.isascii() and number.isdigit() else None)


def known(properties: Mapping[str, Any] | None, where: str, urn: str) -> dict[str, Any]:
    """Properties as the engine writes them, with its marks replaced: `UNKNOWN` for secrets and what is not known.

    Args:
        properties: As the engine writes them.
        where: The file, for messages.
        urn: The resource, for messages.

    Raises:
        Unreadable: They are nested too deeply.
    """
    place = f"{where}, {urn}"
    return {key: _value(value, MOST_DEEP, place) for key, value in (properties or {}).items()}


def _value(value: object, depth: int, place: str) -> object:
    if isinstance(value, str):
        return UNKNOWN if _is_unknown(value) else value
    if depth == 0:
        raise Unreadable(f"its properties are nested more than {MOST_DEEP} deep", "export the stack anew", where=place)
    if isinstance(value, list):
        return [_value(entry, depth - 1, place) for entry in cast("list[object]", value)]
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        if _SIGNATURE in members:
            return _special(members, depth, place)
        return {key: _value(entry, depth - 1, place) for key, entry in members.items()}
    return value


def _is_unknown(text: str) -> bool:
    """Texts that were put together of unknown ones have the placeholder somewhere inside."""
    if text == _HIDDEN:
        return True
    return len(text) >= _UUID and any(mark in text for mark in _UNKNOWN)


def _special(members: Mapping[str, object], depth: int, place: str) -> object:
    signature = members[_SIGNATURE]
    if signature == _SECRET:
        plaintext = members.get("plaintext")
        if not isinstance(plaintext, str):
            return UNKNOWN
        try:
            return _value(msgspec.json.decode(plaintext), depth - 1, place)
        except (msgspec.DecodeError, RecursionError):
            return UNKNOWN
    if signature == _OUTPUT:
        return _value(members["value"], depth - 1, place) if "value" in members else UNKNOWN
    return {}
