"""The one cookie: only for this host, not for scripts, not sent with what another site starts.

Sources: RFC 6265bis "Cookies: HTTP State Management Mechanism", sections 4.1.2 (attributes) and 4.1.3 (the prefix
``__Host-``, by which a browser takes the cookie from nobody but this host, and over TLS).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def session_cookie(request: Request) -> str:
    """The cookie's name. Without TLS, which is only on this machine, not all browsers take the prefix."""
    return "__Host-bulkhead-console" if _secure(request) else "bulkhead-console"


def keep_session(request: Request, response: Response, text: str, seconds: int) -> None:
    """Have the browser keep a session.

    Args:
        request: What is answered.
        response: The answer.
        text: The cookie's text.
        seconds: How long.
    """
    response.set_cookie(
        session_cookie(request),
        text,
        max_age=seconds,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="strict",
    )


def forget_session(request: Request, response: Response) -> None:
    """Have the browser forget the session."""
    response.delete_cookie(session_cookie(request), path="/", secure=_secure(request), httponly=True, samesite="strict")


def _secure(request: Request) -> bool:
    return request.url.scheme == "https" or request.url.hostname not in _LOOPBACK
