"""Makes the bytes of a skops file follow from the model alone.

skops names the parts of a file by memory addresses and stamps them with the time, so that the same model gives another
file each time. Here parts are numbered in the order in which the schema names them, and the time is fixed.
Source: skops documentation, "Secure persistence with skops" (a zip archive with `schema.json` and the arrays).
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import PurePosixPath
from typing import Any, cast

_SCHEMA = "schema.json"
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def canonical(content: bytes) -> bytes:
    """The same skops file, with canonical names, times and order.

    Args:
        content: A file that skops wrote.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        names = _Names()
        schema = names.walk(json.loads(source.read(_SCHEMA)))
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as result:
            for old, new in names.files.items():
                result.writestr(zipfile.ZipInfo(new, _NO_TIME), source.read(old))
            result.writestr(zipfile.ZipInfo(_SCHEMA, _NO_TIME), json.dumps(schema, separators=(",", ":")))
        return target.getvalue()


class _Names:
    """Gives objects and files new names in the order in which they are met."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._objects: dict[int, int] = {}

    def walk(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.walk(item) for item in cast("list[Any]", node)]
        if not isinstance(node, dict):
            return node
        state = cast("dict[str, Any]", node)
        # Values that cannot change need no identity; whether two of them are one object is an accident.
        plain = state.get("__loader__") == "JsonNode"
        return {key: self._value(key, value) for key, value in state.items() if not (plain and key == "__id__")}

    def _value(self, key: str, value: Any) -> Any:
        if key == "__id__" and isinstance(value, int):
            return self._objects.setdefault(value, len(self._objects) + 1)
        if key == "file" and isinstance(value, str):
            return self.files.setdefault(value, f"{len(self.files) + 1}{PurePosixPath(value).suffix}")
        return self.walk(value)
