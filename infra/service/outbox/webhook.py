"""Tells events by HTTP, signed so that the receiver knows who sent them, when, and that nothing was changed.

A status of 200 to 299 says that an event arrived; anything else, a redirect among it, that it did not.
Source: Standard Webhooks specification, "Webhook metadata", "Signature scheme", "Timeouts", "Security: SSRF".
"""

from __future__ import annotations

import binascii
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import urllib3
from standardwebhooks import Webhook as Signer

from infra.errors import UserError
from infra.service.outbox.addresses import Resolve, allowed_address, resolve
from infra.service.outbox.message import message, message_id
from infra.service.outbox.receiver import SEND_SECONDS, NotTold
from infra.service.secret_files import read_secret
from infra.service.settings import Webhook
from infra.store.events import StoredEvent

_BYTES = range(24, 65)
_PREFIX = "whsec_"


class WebhookReceiver:
    """One webhook.

    Args:
        webhook: Its settings.
        now: The time, in UTC.
        resolver: Resolves names.
        trusted: Says which certificates are trusted; None: those that the system trusts.

    Raises:
        UserError: its secret cannot be read, or is none.
    """

    batch = 1

    def __init__(
        self,
        webhook: Webhook,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: Resolve = resolve,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self.name = f"webhook:{webhook.name}"
        self._webhook = webhook
        self._signer = Signer(_secret(webhook))
        self._now = now
        self._resolver = resolver
        self._trusted = trusted

    def tell(self, events: Sequence[StoredEvent]) -> int:
        """Tell the first event, as `Receiver.tell` says."""
        event, body, now = events[0], message(events[0]), self._now()
        parts = urlsplit(self._webhook.url)
        host = str(parts.hostname)
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "User-Agent": "bulkhead",
            "webhook-id": message_id(event),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message_id(event), now, body),
        }
        with self._connection(host, parts.port, secure=parts.scheme == "https") as pool:
            try:
                response = pool.urlopen(
                    "POST", target, body=body.encode(), headers=headers, redirect=False, retries=False,
                    preload_content=False, assert_same_host=False,
                )  # fmt: skip
            except urllib3.exceptions.HTTPError as error:
                raise NotTold(f"{host} does not answer: {type(error).__name__}") from None
            response.close()  # what the body says does not matter, however long it is
        if not 200 <= response.status < 300:
            raise NotTold(f"{host} answered {response.status}")
        return 1

    def _connection(self, host: str, port: int | None, *, secure: bool) -> urllib3.HTTPConnectionPool:
        """A connection to an address that was looked at, which must prove by its certificate to be the host."""
        port = port or (443 if secure else 80)
        address = allowed_address(
            host, port, private=self._webhook.private, loopback=not secure, resolver=self._resolver
        )
        timeout = urllib3.Timeout(total=SEND_SECONDS)
        if not secure:
            return urllib3.HTTPConnectionPool(address, port, timeout=timeout, maxsize=1)
        return urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, maxsize=1,
            server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED", ssl_context=self._trusted,
        )  # fmt: skip


def _secret(webhook: Webhook) -> bytes:
    text = read_secret(webhook.secret_file)
    try:
        secret = binascii.a2b_base64(text.removeprefix(_PREFIX), strict_mode=True)
    except binascii.Error:
        secret = b""
    if not text.startswith(_PREFIX) or len(secret) not in _BYTES:
        raise UserError(
            f"the secret of the webhook {webhook.name} is not {_PREFIX} and base64 of 24 to 64 bytes",
            f'write one, for example by: echo "{_PREFIX}$(openssl rand -base64 32)"',
            str(webhook.secret_file),
        )
    return secret
