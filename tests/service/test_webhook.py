"""A webhook is signed, goes to addresses that it may have only, and counts as told when it was answered by 2xx."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from http_receiver import HttpReceiver, receiving
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from infra.errors import UserError
from infra.service.outbox import webhook as webhook_module
from infra.service.outbox.addresses import Resolve
from infra.service.outbox.receiver import NotTold
from infra.service.outbox.webhook import WebhookReceiver
from infra.service.settings import Webhook
from infra.store.events import StoredEvent

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
EVENT = StoredEvent(
    sequence=7,
    tenant="acme",
    operation="op-1",
    name="tenant.verified",
    data='{"from":"verifying","to":"active"}',
    at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
)


@pytest.fixture
def receiver() -> Generator[HttpReceiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def at_home(host: str, port: int, **_: object) -> str:
    del host, port
    return "127.0.0.1"


def having(*addresses: str) -> Resolve:
    """A resolver by which every name has these addresses."""

    def resolve(host: str, port: int) -> list[str]:
        del host, port
        return list(addresses)

    return resolve


def hook(url: str, secret_file: Path, *, private: bool = False) -> Webhook:
    return Webhook(name="ops", url=url, secret_file=secret_file, private=private)


def test_what_comes_is_signed_and_says_what_happened(receiver: HttpReceiver, secret_file: Path) -> None:
    """Verified by the library that a receiver would use; a body that was changed on its way is refused by it."""
    assert WebhookReceiver(hook(receiver.url, secret_file)).tell([EVENT]) == 1
    (came,) = receiver.received
    verifier = Verifier(SECRET)
    content = verifier.verify(came.body, came.headers)
    assert content == {
        "type": "tenant.verified",
        "timestamp": "2026-03-01T12:00:00Z",
        "data": {
            "sequence": 7,
            "tenant": "acme",
            "operation": "op-1",
            "detail": {"from": "verifying", "to": "active"},
        },
    }
    assert (came.path, came.id) == ("/events?of=bulkhead", "evt_7")
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"
    for body, headers in (
        (came.body.replace("acme", "zcme"), came.headers),
        (came.body, {**came.headers, "webhook-id": "evt_8"}),
    ):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(body, headers)


def test_an_old_message_sent_again_by_somebody_else_is_found(receiver: HttpReceiver, secret_file: Path) -> None:
    """The time is signed: a receiver refuses what was signed an hour ago."""
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    WebhookReceiver(hook(receiver.url, secret_file), now=lambda: an_hour_ago).tell([EVENT])
    (came,) = receiver.received
    with pytest.raises(WebhookVerificationError, match="too old"):
        Verifier(SECRET).verify(came.body, came.headers)


@pytest.mark.parametrize("status", [301, 307, 400, 410, 429, 500, 503])
def test_another_status_than_2xx_is_no_arrival(receiver: HttpReceiver, secret_file: Path, status: int) -> None:
    """A redirect is not followed: it could lead to an address that was not looked at."""
    receiver.answers = [(status, {"Location": "/elsewhere"})]
    with pytest.raises(NotTold, match=str(status)):
        WebhookReceiver(hook(receiver.url, secret_file)).tell([EVENT])
    assert [each.path for each in receiver.received] == ["/events?of=bulkhead"]


def test_nobody_there_is_no_arrival(secret_file: Path) -> None:
    with receiving() as gone:
        url = gone.url
    with pytest.raises(NotTold, match="does not answer"):
        WebhookReceiver(hook(url, secret_file)).tell([EVENT])


FORBIDDEN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "169.254.169.254", "169.254.1.1", "224.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "2002:7f00:1::",
]  # fmt: skip
PRIVATE = ["10.0.0.7", "172.16.3.4", "192.168.1.1", "fd12:3456::1", "::ffff:10.0.0.7"]
SHARED = ["100.64.0.1"]


@pytest.mark.parametrize("address", FORBIDDEN + PRIVATE + SHARED)
def test_addresses_that_a_webhook_may_not_have(secret_file: Path, address: str) -> None:
    """Also where only one of a name's addresses is such a one."""
    for found in (having(address), having("93.184.216.34", address)):
        made = WebhookReceiver(hook("https://receiver.example/", secret_file), resolver=found)
        with pytest.raises(NotTold, match="which webhooks may not have"):
            made.tell([EVENT])


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_no_permission_opens(secret_file: Path, address: str) -> None:
    made = WebhookReceiver(hook("https://receiver.example/", secret_file, private=True), resolver=having(address))
    with pytest.raises(NotTold, match="which webhooks may not have"):
        made.tell([EVENT])


@pytest.mark.parametrize(
    ("address", "private"), [("93.184.216.34", False), ("2606:4700::1111", False), *((each, True) for each in PRIVATE)]
)
def test_addresses_that_it_may_have(address: str, private: bool) -> None:
    allowed = webhook_module.allowed_address(
        "receiver.example", 443, private=private, loopback=False, resolver=having(address)
    )
    assert allowed == address


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for receiver.example, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize(("host", "arrives"), [("receiver.example", True), ("other.example", False)])
def test_the_address_must_prove_to_be_the_host(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
    secret_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    arrives: bool,
) -> None:
    """The request goes to the address that was looked at; the certificate is held against the name."""

    monkeypatch.setattr(webhook_module, "allowed_address", at_home)
    server, client = certificate
    with receiving(server) as receiver:
        made = WebhookReceiver(hook(f"https://{host}:{receiver.port}/", secret_file), trusted=client)
        if arrives:
            assert made.tell([EVENT]) == 1
            assert receiver.received[0].headers["host"] == f"{host}:{receiver.port}"
        else:
            with pytest.raises(NotTold):
                made.tell([EVENT])
            assert receiver.received == []


def test_a_certificate_that_nobody_trusts_is_refused(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext], secret_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_module, "allowed_address", at_home)
    with receiving(certificate[0]) as receiver:
        with pytest.raises(NotTold):
            WebhookReceiver(hook(f"https://receiver.example:{receiver.port}/", secret_file)).tell([EVENT])
        assert receiver.received == []


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        ("whsec_c2hvcnQ=", 0o600, "base64 of 24 to 64 bytes"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0o600, "whsec_"),
        ("whsec_not base64 at all, is it", 0o600, "base64"),
        ("", 0o600, "empty"),
        (SECRET, 0o604, "others may read"),
        (SECRET, 0o620, "others may read"),
    ],
)
def test_secrets_that_are_refused(tmp_path: Path, content: str, mode: int, message: str) -> None:
    path = tmp_path / "secret"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(UserError, match=message) as caught:
        WebhookReceiver(hook("https://receiver.example/", path))
    assert "MfKQ9" not in str(caught.value)


def test_a_secret_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read") as caught:
        WebhookReceiver(hook("https://receiver.example/", tmp_path / "none"))
    assert caught.value.where == str(tmp_path / "none")


def test_what_is_told_twice_is_told_in_the_same_words(receiver: HttpReceiver, secret_file: Path) -> None:
    """So that a receiver can compare, and its id says that it is the same."""
    made = WebhookReceiver(hook(receiver.url, secret_file))
    made.tell([EVENT])
    made.tell([replace(EVENT)])
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
