"""A copy is made of a remote that asks for credentials: with the right ones it fetches, else it says what is wrong."""

from __future__ import annotations

import base64
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.errors import UserError
from infra.gitops import GitSpecs
from infra.gitops.copies import REMOTE, make_copy, remote_environment
from infra.provisioning.gitops import GitOps
from tests.gitops.repositories import SERVICE, bare_with_specs, git

USER, PASSWORD = "bulkhead", "pass word'$(id)\"%s"


class _Guarded(SimpleHTTPRequestHandler):
    """Files of a repository, as git reads them from any web server, for who signs in."""

    asked: list[str]

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        self.asked.append(given)
        if given == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="specs"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base
        del format, args


@pytest.fixture(name="bare")
def _bare(tmp_path: Path) -> Path:
    return bare_with_specs(tmp_path)


@pytest.fixture(name="url")
def _url(bare: Path) -> Generator[str]:
    git(bare, "update-server-info")
    handler = type("Handler", (_Guarded,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(bare)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def _credentials(folder: Path, password: str) -> Path:
    folder.mkdir()
    (folder / "username").write_text(USER)
    (folder / "password").write_text(f"{password}\n")
    return folder


def _specs(copy: Path, url: str, credentials: Path | None) -> GitSpecs:
    copy.mkdir(exist_ok=True)
    make_copy(copy)
    return GitSpecs(copy, SERVICE, remote=REMOTE, environment=remote_environment(url, credentials))


def test_what_is_merged_is_fetched_with_the_credentials(url: str, bare: Path, tmp_path: Path) -> None:
    found = _specs(tmp_path / "own", url, _credentials(tmp_path / "secret", PASSWORD))
    assert found.tenants() == GitSpecs(bare, SERVICE).tenants() != []
    kept = [path.read_bytes() for path in (tmp_path / "own").rglob("*") if path.is_file()]
    assert not [each for each in kept if PASSWORD.encode() in each]


@pytest.mark.parametrize("password", ["wrong", None])
def test_other_credentials_are_refused_and_shown_nowhere(url: str, tmp_path: Path, password: str | None) -> None:
    credentials = None if password is None else _credentials(tmp_path / "secret", password)
    with pytest.raises(UserError) as caught:
        _specs(tmp_path / "own", url, credentials).tenants()
    assert "`git fetch` failed" in caught.value.message
    assert "wrong" not in str(caught.value)


def test_another_host_is_not_told_them(url: str, tmp_path: Path) -> None:
    """They are for the host of the address that was given, not for whatever else git may ask."""
    environment = remote_environment("https://git.example/specs", _credentials(tmp_path / "secret", PASSWORD))
    elsewhere = {name: url if value == "https://git.example/specs" else value for name, value in environment.items()}
    (tmp_path / "own").mkdir()
    make_copy(tmp_path / "own")
    with pytest.raises(UserError):
        GitSpecs(tmp_path / "own", SERVICE, remote=REMOTE, environment=elsewhere).tenants()


def test_several_processes_make_one_copy(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(make_copy, [tmp_path] * 16))
    assert git(tmp_path, "rev-parse", "--is-bare-repository").strip() == "true"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "https://me:hunter2@git.example/specs"}, "pattern"),
        ({"url": "http://git.example/specs"}, "pattern"),
        ({"url": "https://git.example/specs", "remote": "origin"}, "give remote or url"),
        ({"credentials": "secret"}, "credentials are for url"),
    ],
)
def test_settings_that_cannot_be_meant(tmp_path: Path, given: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        GitOps.model_validate({"repository": str(tmp_path), **given})
