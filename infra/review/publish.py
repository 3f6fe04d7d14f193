"""Writes a pull request's one comment by GitHub's API: anew in its place where there is one, else as a new one.

Source: GitHub Docs, "REST API endpoints for issue comments", "REST API endpoints for pull requests", "Using pagination
in the REST API".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlsplit

import urllib3

from infra.errors import UserError
from infra.review.comment import MARKER

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_PAGE = 100
#: A pull request with more comments than these gets a new one.
_MOST_PAGES = 30
_VERSION = "2022-11-28"


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """A repository at GitHub.

    Args:
        repository: ``owner/name``.
        token: May write comments of pull requests; never shown.
        author: The login by which its comments are known: nobody else's comment is touched.
        api: The API's address; of GitHub Enterprise it is another.

    Raises:
        UserError: a value is not of its form.
    """

    repository: str
    token: str
    author: str = "github-actions[bot]"
    api: str = "https://api.github.com"

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.repository) or ".." in self.repository:
            raise UserError(f"{self.repository!r} is no repository", remedy="write owner/name", where="--repository")
        parts = urlsplit(self.api)
        if parts.scheme != "https" and parts.hostname != "127.0.0.1":
            raise UserError(f"{self.api!r} is no https address", remedy="write https://...", where="GITHUB_API_URL")
        if not self.token:
            raise UserError("there is no token", remedy="set GITHUB_TOKEN", where="GITHUB_TOKEN")

    def pull_request_of(self, head: str, commit: str) -> int | None:
        """The open pull request whose head is a commit; None where it has gone on since, or was closed.

        Args:
            head: ``owner:branch`` of the repository that it comes from.
            commit: The commit's id.

        Raises:
            UserError: the commit is none, or GitHub refused.
        """
        if not _COMMIT.fullmatch(commit):
            raise UserError(f"{commit!r} is no commit", remedy="give its 40 hex digits", where="--commit")
        found = self._ask("GET", f"/pulls?state=open&per_page={_PAGE}&head={quote(head, safe='')}")
        for each in cast("list[Mapping[str, Any]]", found):
            if each["head"]["sha"] == commit:
                return int(each["number"])
        return None

    def write(self, pull_request: int, body: str) -> str:
        """Write the comment.

        Args:
            pull_request: Its number.
            body: The comment, which begins with `MARKER`.

        Returns:
            ``updated`` or ``created``.

        Raises:
            UserError: GitHub refused.
        """
        if not body.startswith(MARKER):
            raise ValueError("the comment has no marker by which it would be found again")
        for each in self._comments(pull_request):
            if each["user"]["login"] == self.author and str(each["body"]).startswith(MARKER):
                self._ask("PATCH", f"/issues/comments/{int(each['id'])}", {"body": body})
                return "updated"
        self._ask("POST", f"/issues/{pull_request}/comments", {"body": body})
        return "created"

    def _comments(self, pull_request: int) -> Iterator[Mapping[str, Any]]:
        for page in range(1, _MOST_PAGES + 1):
            found = self._ask("GET", f"/issues/{pull_request}/comments?per_page={_PAGE}&page={page}")
            listed = cast("list[Mapping[str, Any]]", found)
            yield from listed
            if len(listed) < _PAGE:
                return

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> object:
        address = f"{self.api.rstrip('/')}/repos/{self.repository}{path}"
        try:
            answer = urllib3.request(
                method,
                address,
                body=None if content is None else json.dumps(content).encode(),
                headers={
                    "Accept": "application/vnd.github+json",
                    "Authorization": f"Bearer {self.token}",
                    "Content-Type": "application/json",
                    "User-Agent": "bulkhead",
                    "X-GitHub-Api-Version": _VERSION,
                },
                timeout=30.0,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise UserError(
                f"{method} {path.partition('?')[0]} failed: {type(error).__name__}",
                remedy="try again later",
                where=self.api,
            ) from None
        if answer.status not in (200, 201):
            raise UserError(
                f"{method} {path.partition('?')[0]} was answered with {answer.status}",
                remedy="give the token the permission pull-requests: write",
                where=self.api,
            )
        return answer.json()
