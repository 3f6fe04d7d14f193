"""A console that listens on this machine, and a browser on it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from console_estate import Console
from playwright.sync_api import Browser, Page

from infra.api.auth.roles import Role


@dataclass
class Tab:
    """A tab of somebody who has signed in, with what it asked for and complained of."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.base}{path}")
        return self.page


@dataclass
class Site:
    """The console at its address."""

    console: Console
    address: str
    browser: Browser

    @contextmanager
    def tab(self, role: Role = Role.PLATFORM_ADMIN, tenant: str | None = None, **options: object) -> Generator[Tab]:
        """A tab in which somebody has signed in.

        Args:
            role: Its role.
            tenant: Whose administrator it is.
            options: Of the browser's context, such as ``color_scheme``.
        """
        context = self.browser.new_context(**options)  # pyright: ignore[reportArgumentType] - passed on as they are
        try:
            answer = context.request.post(
                f"{self.address}/session", form={"token": self.console.token(role, tenant)}, max_redirects=0
            )
            assert answer.status == 303
            yield Tab(context.new_page(), self.address)
        finally:
            context.close()


@contextmanager
def served(console: Console) -> Generator[str]:
    """The address of a console that listens on a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Who comes before the server is up waits in the queue.
        listener.listen()
        config = uvicorn.Config(console.app, log_level="error", timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/console"
        finally:
            server.should_exit = True
            thread.join()
