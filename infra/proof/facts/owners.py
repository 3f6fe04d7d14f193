"""Whose a resource or principal is: by its tag ``tenant``, or by a mapping, which foreign estates need."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from infra.evaluator.glob import Matcher, glob
from infra.proof.facts.inputs import Unreadable, read_file, shaped

#: The tag that says whose something is.
OWNER_TAG = "tenant"
_WHAT = "a mapping of ARNs or `stack:PROJECT/STACK`, both with wildcards, to owners"
_STACK = "stack:"


class Owners:
    """Says whose something is.

    Args:
        mapping: ARN, or ``stack:PROJECT/STACK``, to the owner. ``*`` and ``?`` are wildcards; the first entry that
            matches wins, and wins over the tag.

    Attributes:
        mapping: The same.
    """

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self.mapping = dict(mapping or {})
        entries = self.mapping.items()
        self._stacks = [(glob(key.removeprefix(_STACK)), owner) for key, owner in entries if key.startswith(_STACK)]
        self._arns = [(glob(key), owner) for key, owner in entries if not key.startswith(_STACK)]

    def owner(self, arn: str | None, stack: str, tags: Mapping[str, str], defaults: Mapping[str, str]) -> str | None:
        """The owner of something; None where nothing says it.

        Args:
            arn: Its ARN, if it has one.
            stack: Its stack.
            tags: Its tags.
            defaults: The tags that its provider gives to what can have tags.
        """
        mapped = _first(self._arns, arn) if arn else None
        return mapped or _first(self._stacks, stack) or tags.get(OWNER_TAG) or defaults.get(OWNER_TAG) or None


def read_owners(path: Path) -> Owners:
    """The owners that a YAML or JSON file says.

    Raises:
        Unreadable: It cannot be read, or is no mapping of texts to texts.
    """
    content = read_file(path)
    try:
        read: object = YAML(typ="safe", pure=True).load(content.decode("utf-8"))  # pyright: ignore[reportUnknownMemberType] - ruamel.yaml is not typed
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        raise Unreadable(f"it is no YAML: {str(problem)[:500]}", f"write {_WHAT}", where=str(path)) from None
    return Owners(shaped(read, dict[str, str], str(path), _WHAT))


def _first(entries: list[tuple[Matcher, str]], text: str) -> str | None:
    return next((owner for matches, owner in entries if matches(text)), None)
