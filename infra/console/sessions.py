"""A session: who has signed in, signed and kept in the browser's cookie, and no longer valid than the token was.

The service keeps of it that it is open, so that it can be revoked; any process of the service can answer. The token
itself is not kept: a cookie that is lost opens the console until it ends or is revoked, and no API.
Sources: OWASP Cheat Sheet Series, "Session Management" and "Cross-Site Request Forgery Prevention" (HMAC-based tokens
that are bound to the session); itsdangerous documentation, "Serialization Interface" (rotation of keys).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from itsdangerous import BadData, URLSafeSerializer
from pydantic import SecretStr

from infra.api.auth.caller import Caller
from infra.api.auth.roles import Role
from infra.api.auth.tokens import VerifiedToken
from infra.store.ids import new_id


class FormRefused(Exception):
    """A form was not made for this session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that was opened.

    Attributes:
        caller: Who has signed in.
        expires_at: When it ends, in seconds since 1970.
        nonce: Makes its forms differ from those of any other session.
    """

    caller: Caller
    expires_at: float
    nonce: str

    @property
    def id(self) -> str:
        """By which the service knows it; no cookie can be made of it."""
        return sha256(self.nonce.encode()).hexdigest()


class Sessions:
    """Makes and opens sessions, and the tokens of their forms.

    Args:
        keys: Secrets; the last one signs, all are accepted.
        now: The time, in UTC.
    """

    def __init__(self, keys: Sequence[SecretStr], now: Callable[[], datetime]) -> None:
        self._cookies = _serializer(keys, "bulkhead.console.session")
        self._forms = _serializer(keys, "bulkhead.console.form")
        self._now = now

    def seal(self, verified: VerifiedToken) -> str:
        """The text of the cookie for who has a valid token."""
        caller = verified.caller
        roles = sorted(role.value for role in caller.roles)
        content = [caller.issuer, caller.subject, roles, caller.tenant, verified.expires_at, secrets.token_urlsafe(16)]
        return _text(self._cookies.dumps(content))

    def open(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it was not made here, or has ended."""
        try:
            issuer, subject, roles, tenant, expires_at, nonce = cast("list[Any]", self._cookies.loads(cookie))
        except BadData:
            return None
        if self._now().timestamp() >= expires_at:
            return None
        known = frozenset(role for role in Role if role.value in roles)
        caller = Caller(issuer=issuer, subject=subject, roles=known, tenant=tenant)
        return Session(caller=caller, expires_at=expires_at, nonce=nonce)

    def form_token(self, session: Session) -> str:
        """What a form of this session carries; the same each time."""
        return _text(self._forms.dumps([session.nonce, ""]))

    def start_token(self, session: Session) -> str:
        """What a form carries that starts an operation: it names the operation, so that a form that is sent twice
        starts one.
        """
        return _text(self._forms.dumps([session.nonce, new_id()]))

    def operation_of(self, session: Session, token: str) -> str:
        """The operation's id in a form's token; empty in that of a form that starts none.

        Raises:
            FormRefused: the token was not made here, or for another session.
        """
        try:
            nonce, operation = cast("list[str]", self._forms.loads(token))
        except BadData:
            raise FormRefused from None
        if not secrets.compare_digest(nonce.encode(), session.nonce.encode()):
            raise FormRefused
        return operation


def _serializer(keys: Sequence[SecretStr], salt: str) -> URLSafeSerializer:
    values = [key.get_secret_value() for key in keys]
    return URLSafeSerializer(values, salt=salt, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256})


def _text(value: str | bytes) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else value
