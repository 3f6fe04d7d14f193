"""How DBOS writes the inputs and results of steps: as JSON. Its default is pickle, which runs code when it is read."""

from __future__ import annotations

import json
from typing import Any

from dbos import Serializer


class RecordedError(Exception):
    """An error that was written by an earlier process; its text says the type and the message."""


class JsonSerializer(Serializer):
    """JSON for values, and type and message for errors."""

    def serialize(self, data: Any) -> str:
        """A value or an exception as text.

        Raises:
            TypeError: JSON cannot hold it.
        """
        if isinstance(data, BaseException):
            return json.dumps({"error": f"{type(data).__name__}: {data}"})
        return json.dumps({"value": data})

    def deserialize(self, serialized_data: str) -> Any:
        """What `serialize` wrote; errors come back as `RecordedError`."""
        content: dict[str, Any] = json.loads(serialized_data)
        return RecordedError(content["error"]) if "error" in content else content["value"]

    def name(self) -> str:
        """The name that is stored beside each value."""
        return "bulkhead_json"
