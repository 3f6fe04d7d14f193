"""An event as it is told outside: the same for every receiver, and the same each time that it is told."""

from __future__ import annotations

import msgspec

from infra.store.events import StoredEvent


def message_id(event: StoredEvent) -> str:
    """The id by which a receiver finds that it was told before."""
    return f"evt_{event.sequence}"


def message(event: StoredEvent) -> str:
    """An event as a JSON object: ``type``, ``timestamp`` and ``data``.

    Args:
        event: The event.

    Source: Standard Webhooks specification, "Payload structure".
    """
    data = {
        "sequence": event.sequence,
        "tenant": event.tenant,
        "operation": event.operation,
        "detail": msgspec.Raw(event.data.encode()),
    }
    return msgspec.json.encode({"type": event.name, "timestamp": event.at, "data": data}).decode()
