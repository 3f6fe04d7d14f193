"""The one comment of a pull request: made once, then written anew in its place, and nobody else's is touched."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.errors import UserError
from infra.review.comment import MARKER
from infra.review.document import as_document
from infra.review.publish import GitHub
from tests.review.reviews import HOSTILE, loud

_SHA = "a" * 40
_BOT = "github-actions[bot]"


class _Pretended(ThreadingHTTPServer):
    """What GitHub's API answers to these calls, of one pull request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.comments: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str]] = []
        self.head = "octo:feature"
        self.refuses = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, login: str, body: str) -> None:
        """A comment that is there already."""
        self.comments.append({"id": len(self.comments) + 1, "user": {"login": login}, "body": body})


class _Handler(BaseHTTPRequestHandler):
    @property
    def _github(self) -> _Pretended:
        return cast("_Pretended", self.server)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        del format, args

    def _answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self._github.calls.append((self.command, unquote(self.path)))
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self._github.refuses or self.headers["Authorization"] != "Bearer t0ken":
            self._answer(403, {"message": "no"})
        elif parts.path == "/repos/octo/platform/pulls":
            found = [{"number": 6, "head": {"sha": "b" * 40}}, {"number": 7, "head": {"sha": _SHA}}]
            self._answer(200, found if query["head"] == [self._github.head] else [])
        elif self.command == "GET":
            first = (int(query["page"][0]) - 1) * int(query["per_page"][0])
            self._answer(200, self._github.comments[first : first + int(query["per_page"][0])])
        elif self.command == "POST":
            self._github.add(_BOT, body["body"])
            self._answer(201, {})
        else:
            self._github.comments[int(parts.path.rpartition("/")[2]) - 1]["body"] = body["body"]
            self._answer(200, {})

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the names of the base class


@pytest.fixture
def server() -> Iterator[_Pretended]:
    pretended = _Pretended()
    thread = threading.Thread(target=pretended.serve_forever)
    thread.start()
    yield pretended
    pretended.shutdown()
    thread.join()
    pretended.server_close()


def _github(server: _Pretended, **changed: str) -> GitHub:
    return GitHub(**({"repository": "octo/platform", "token": "t0ken", "api": server.address} | changed))


def test_it_is_made_once_and_then_updated(server: _Pretended) -> None:
    """The second time it is the same comment, on whatever page of the list it is."""
    for number in range(250):
        server.add("somebody", f"remark {number}")
    assert _github(server).write(7, f"{MARKER}\none") == "created"
    assert _github(server).write(7, f"{MARKER}\ntwo") == "updated"
    assert [each["body"] for each in server.comments if each["user"]["login"] == _BOT] == [f"{MARKER}\ntwo"]


def test_nobody_elses_comment_is_written_over(server: _Pretended) -> None:
    """Somebody who writes the marker into a comment, and the bot's other comments, keep what they wrote."""
    server.add("octocat", f"{MARKER}\nmine")
    server.add(_BOT, f"quoting {MARKER}")
    assert _github(server).write(7, f"{MARKER}\none") == "created"
    assert [each["body"] for each in server.comments] == [f"{MARKER}\nmine", f"quoting {MARKER}", f"{MARKER}\none"]


def test_the_pull_request_is_found_by_where_it_comes_from(server: _Pretended) -> None:
    """By its repository and branch, and only while the commit is its head; a hostile branch is only a name."""
    assert _github(server).pull_request_of("octo:feature", _SHA) == 7
    assert _github(server).pull_request_of("octo:feature", "c" * 40) is None
    server.head = "octo:a&state=all#../x?y"
    assert _github(server).pull_request_of(server.head, _SHA) == 7
    assert server.calls[-1][1].startswith("/repos/octo/platform/pulls?")


@pytest.mark.parametrize(
    "changed",
    [{"repository": "octo/../x"}, {"repository": "octo/x?y"}, {"repository": "octo"}, {"token": ""},
     {"api": "http://example.com"}],
)  # fmt: skip
def test_bad_values_are_refused(server: _Pretended, changed: dict[str, str]) -> None:
    """Before anything is asked."""
    with pytest.raises(UserError):
        _github(server, **changed)
    assert server.calls == []


def test_a_refusal_does_not_show_the_token(server: _Pretended) -> None:
    """It is told with its status, and what the token needs."""
    server.refuses = True
    with pytest.raises(UserError, match=r"403.*(?s:.*)pull-requests: write") as refused:
        _github(server).write(7, MARKER)
    assert "t0ken" not in str(refused.value)


def _publish(server: _Pretended, folder: Path, *more: str) -> str:
    made = CliRunner().invoke(
        app,
        ["review", "publish", str(folder), "--repository", "octo/platform", "--report-url", "https://example.com/1",
         *more],
        env={"GITHUB_TOKEN": "t0ken", "GITHUB_API_URL": server.address},
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    return server.comments[-1]["body"] if server.comments else ""


def test_publish(server: _Pretended, tmp_path: Path) -> None:
    """The review against the account goes before that in the embedded cloud, and what others wrote stays text."""
    for job in ("review-sandbox", "review-account"):
        (tmp_path / job).mkdir()
        review = as_document(loud()) | {"ref": job}
        (tmp_path / job / "review.json").write_text(json.dumps(review), encoding="utf-8")
        (tmp_path / job / "comment.md").write_text(HOSTILE, encoding="utf-8")
    body = _publish(server, tmp_path, "--head", "octo:feature", "--commit", _SHA)
    assert "`review-account`" in body
    assert "`Previewed against a copy of what is deployed.`" in body
    assert "@octocat" not in body.replace("`", "").split("<code>")[0]
    (tmp_path / "review-account" / "review.json").unlink()
    assert "`review-sandbox`" in _publish(server, tmp_path, "--pull-request", "7")
    assert len(server.comments) == 1


@pytest.mark.parametrize("content", [None, "", "{}", "link"])
def test_without_a_review_the_comment_says_so(server: _Pretended, tmp_path: Path, content: str | None) -> None:
    """A run that left nothing, or nonsense, or a link to a file of ours, is told as one without a review."""
    if content is not None:
        (tmp_path / "review-sandbox").mkdir()
        file = tmp_path / "review-sandbox" / "review.json"
        file.symlink_to("/etc/passwd") if content == "link" else file.write_text(content)
    body = _publish(server, tmp_path, "--pull-request", "7")
    assert "there is no review" in body
    assert "https://example.com/1" in body


def test_a_pull_request_that_went_on_gets_nothing(server: _Pretended, tmp_path: Path) -> None:
    """The review of an old commit does not overwrite that of a newer one."""
    assert _publish(server, tmp_path, "--head", "octo:feature", "--commit", "c" * 40) == ""
