"""Headers of every answer of the console: nothing is loaded from elsewhere, embedded elsewhere, sent elsewhere or kept.

ASGI middleware. Sources: W3C, "Content Security Policy Level 3"; OWASP Cheat Sheet Series, "HTTP Security Response
Headers".
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from infra.api.middleware.http_middleware import HttpMiddleware

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types live"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders(HttpMiddleware):
    """The middleware.

    Args:
        app: What answers the request.
    """

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; what does not say how long it may be kept, may not be."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
