"""Rewrite a YAML text so that it says something else, by replacing, adding and removing only the lines that differ.

A parser tells where each value stands; what is between the values, and so every comment and empty line, is not touched.
Only what `infra.spec.source` reads is expected: one mapping, without anchors, tags or directives.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_./@-]*(?: [A-Za-z0-9_./@-]+)*")
#: Plain words that YAML 1.1 or 1.2 reads as something else than text.
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class Splicer:
    """One text.

    Args:
        text: YAML that can be read.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._edits: list[tuple[int, int, str]] = []

    def rewritten(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """The text that says `new`.

        Args:
            old: What the text says.
            new: What it is to say.

        Raises:
            ValueError: A number is not finite, or a text no Unicode.
        """
        root = cast("Any", YAML(typ="safe", pure=True)).compose(self._text)
        self._value(root, old, new, root.start_mark.index)
        parts: list[str] = []
        position = 0
        for start, end, replacement in sorted(self._edits, key=lambda edit: edit[:2]):
            parts += [self._text[position:start], replacement]
            position = end
        return "".join([*parts, self._text[position:]])

    def _value(self, node: Any, old: Any, new: Any, after: int) -> None:
        """Make a value say something else.

        Args:
            node: Where it stands.
            old: What it says.
            new: What it is to say.
            after: Where what replaces a value of several lines begins: after the key or dash before it.
        """
        if json.dumps(old) == json.dumps(new):
            return
        if _is(MappingNode, node) and isinstance(new, dict) and self._mapping(node, old, cast("dict[str, Any]", new)):
            return
        if _is(SequenceNode, node) and isinstance(new, list) and self._sequence(node, old, cast("list[Any]", new)):
            return
        start, end = node.start_mark.index, self._end(node)
        whole = start == end or _is_block(node)
        self._edits.append((after if whole else start, end, f"{' ' if whole and after else ''}{flow(new)}"))

    def _mapping(self, node: Any, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Change a mapping key by key; False where it must be replaced as a whole."""
        pairs = {str(key.value): (key, value) for key, value in node.value}
        kept = [name for name in pairs if name in new]
        removed = [name for name in pairs if name not in new]
        added = [name for name in new if name not in pairs]
        if not kept or (
            removed and (node.flow_style or not all(self._begins_line(pairs[name][0]) for name in removed))
        ):
            return False
        for name in kept:
            key, value = pairs[name]
            self._value(value, old[name], new[name], self._text.index(":", key.end_mark.index) + 1)
        for name in removed:
            self._remove_lines(pairs[name][0].start_mark.index, self._end(pairs[name][1], pairs[name][0]))
        lines = [f"{flow(name)}: {flow(new[name])}" for name in added]
        last = self._end(pairs[kept[-1]][1], pairs[kept[-1]][0])
        if node.flow_style:
            self._insert(last, "".join(f", {line}" for line in lines))
        else:
            margin = "\n" + " " * pairs[kept[0]][0].start_mark.column
            self._insert(self._line_end(last), "".join(f"{margin}{line}" for line in lines))
        return True

    def _sequence(self, node: Any, old: list[Any], new: list[Any]) -> bool:
        """Change a list item by item; False where it must be replaced as a whole."""
        items = node.value
        if node.flow_style or not items or not all(self._begins_line(item, "-") for item in items):
            return False
        matcher = SequenceMatcher(None, *_identities(old, new), autojunk=False)
        if not matcher.find_longest_match().size:
            return False
        dash = self._text.rindex("-", 0, items[0].start_mark.index)
        margin = "\n" + self._text[self._text.rfind("\n", 0, dash) + 1 : dash] + "- "
        anchor = self._line_start(dash) - 1
        for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
            if tag == "equal":
                for item, one, other in zip(
                    items[old_start:old_end], old[old_start:old_end], new[new_start:new_end], strict=True
                ):
                    self._value(item, one, other, self._text.rindex("-", 0, item.start_mark.index) + 1)
                anchor = self._line_end(self._end(items[old_end - 1]))
                continue
            self._insert(anchor, "".join(f"{margin}{flow(each)}" for each in new[new_start:new_end]))
            for item in items[old_start:old_end]:
                self._remove_lines(item.start_mark.index, self._end(item))
        return True

    def _insert(self, position: int, text: str) -> None:
        if text:
            self._edits.append((position, position, text))

    def _remove_lines(self, start: int, end: int) -> None:
        first, last = self._line_start(start), self._line_end(end)
        # With the line break before it, so that what is added after it has a line to follow on.
        self._edits.append((first - 1, last, "") if first else (first, min(last + 1, len(self._text)), ""))

    def _begins_line(self, node: Any, mark: str = "") -> bool:
        start = node.start_mark.index
        return self._text[self._line_start(start) : start].strip() == mark

    def _line_start(self, position: int) -> int:
        return self._text.rfind("\n", 0, position) + 1

    def _line_end(self, position: int) -> int:
        found = self._text.find("\n", position)
        return len(self._text) if found < 0 else found

    def _end(self, node: Any, key: Any = None) -> int:
        """Where the last of a value's text ends: a parser ends a block where the next thing begins."""
        if _is_block(node) and node.value:
            last = node.value[-1]
            return self._end(last[1], last[0]) if _is(MappingNode, node) else self._end(last)
        start, end = node.start_mark.index, node.end_mark.index
        if start == end and key is not None:
            return self._text.index(":", key.end_mark.index) + 1
        return start + len(self._text[start:end].rstrip())


def flow(value: Any) -> str:
    """A value in one line of YAML.

    Raises:
        ValueError: A number is not finite, or a text no Unicode.
    """
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, cast("list[Any]", value))) + "]"
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if _WORDS.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return "".join(map(_escaped, json.dumps(value, ensure_ascii=False)))


def _escaped(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        raise ValueError("half of a surrogate pair is no character")
    if category[0] == "C" or character in "\u2028\u2029":
        return f"\\U{ord(character):08x}"
    return character


def _is_block(node: Any) -> bool:
    return (_is(MappingNode, node) or _is(SequenceNode, node)) and not node.flow_style


def _is(kind: type, node: Any) -> bool:
    """Without narrowing the type: the parser's own types are not told."""
    return isinstance(node, kind)


def _identities(old: Sequence[Any], new: Sequence[Any]) -> tuple[list[str], list[str]]:
    """What tells the items of two lists: their names where all have one, and otherwise what they say."""
    names = [_names(items) for items in (old, new)]
    if all(len(set(each)) == len(items) for each, items in zip(names, (old, new), strict=True)):
        return names[0], names[1]
    return [json.dumps(each, sort_keys=True) for each in old], [json.dumps(each, sort_keys=True) for each in new]


def _names(items: Sequence[Any]) -> list[str]:
    mappings = [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]
    return [item["name"] for item in mappings if isinstance(item.get("name"), str)]
