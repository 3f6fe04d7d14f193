"""The process that tells receivers outside what happened: ``python -P -m infra.service.children.outbox``."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from infra.operations.cloud import connect
from infra.service.outbox.deliverer import deliver_until
from infra.service.outbox.event_bus import CLIENT, EventBusReceiver, Events
from infra.service.outbox.receiver import Receiver
from infra.service.outbox.webhook import WebhookReceiver
from infra.service.settings import ServiceSettings, load_service_settings
from infra.service.supervision.child import begin, log_to_stderr, run_child, say_ready
from infra.settings import Settings, load_settings
from infra.spec import load_platform
from infra.store.database import open_store


def receivers(settings: Settings, service: ServiceSettings) -> Sequence[Receiver]:
    """Who is told, as the settings say.

    Args:
        settings: Of the checkout: in which cloud a bus is.
        service: Of the service.

    Raises:
        UserError: the secret of a webhook cannot be read.
    """
    found: list[Receiver] = [WebhookReceiver(webhook) for webhook in service.webhooks]
    if service.event_bus is not None:
        found.append(EventBusReceiver(service.event_bus, lambda: _events(settings)))
    return found


def _events(settings: Settings) -> Events:
    cloud = connect(settings, load_platform(settings.platform_spec))
    client: Events = cloud.client("events", config=CLIENT)
    return client


def main() -> None:
    """Tell receivers until told to stop."""
    stop = threading.Event()
    begin(stop.set, behind_the_api=True)
    log_to_stderr()
    settings, service = load_settings(), load_service_settings()
    store = open_store(service.store_url(settings))
    found = receivers(settings, service)
    logging.getLogger(__name__).info("telling %s", ", ".join(each.name for each in found))
    say_ready()
    try:
        deliver_until(stop, store, found, lambda: datetime.now(UTC))
    finally:
        store.dispose()


if __name__ == "__main__":
    run_child(main)
