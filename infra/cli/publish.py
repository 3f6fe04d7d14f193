"""`bulkhead review`: makes the comment and the page of a review that was made elsewhere, and publishes the comment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.destinations import require_folders, write_file
from infra.cli.output import note
from infra.cli.review import Comment, Page, ReportUrl, require_url
from infra.errors import UserError

if TYPE_CHECKING:
    from infra.review.publish import GitHub

app = typer.Typer(
    help="Reviews as JSON: render them, and comment on pull requests.",
    epilog="Example: bulkhead review render review.json --comment comment.md",
    no_args_is_help=True,
)

Document = Annotated[Path, typer.Argument(metavar="REVIEW.json", help="What `preview --changed-since --json` printed.")]
Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Holds review-account/review.json or review-sandbox/review.json.")
]
Repository = Annotated[str, typer.Option(metavar="OWNER/NAME", help="The repository at GitHub.")]
PullRequest = Annotated[int | None, typer.Option(min=1, help="The number of the pull request.")]
Head = Annotated[
    str | None, typer.Option(metavar="OWNER:BRANCH", help="Instead of the number: where the pull request comes from.")
]
Commit = Annotated[str | None, typer.Option(metavar="SHA", help="With --head: the commit that was reviewed.")]
Author = Annotated[str, typer.Option(metavar="LOGIN", help="The login by which the token's comments are known.")]

#: The reviews of a pull request by the jobs that make them, the one against the account first.
_JOBS = {
    "review-account": "Previewed against a copy of what is deployed.",
    "review-sandbox": "Previewed in the embedded cloud, against the base branch as it is brought up there.",
}


@app.command(epilog="Example: bulkhead review render review.json --comment comment.md --html report.html")
def render(document: Document, comment: Comment = None, html: Page = None, report_url: ReportUrl = None) -> None:
    """Make the comment and the page of a review; whoever wrote the document, its text is no markup."""
    from infra.review.comment import comment as written
    from infra.review.document import read_review
    from infra.review.page import page

    require_url(report_url)
    found = read_review(document)
    if comment is None and html is None:
        raise UserError("what is to be made?", remedy="give --comment FILE, --html FILE or both")
    require_folders(comment, html)
    if comment is not None:
        write_file(comment, written(found, report_url=report_url))
    if html is not None:
        write_file(html, page(found))


@app.command(
    epilog="Example: GITHUB_TOKEN=... bulkhead review publish reviews --repository o/r --head o:branch --commit SHA"
)
def publish(
    folder: Folder,
    repository: Repository,
    pull_request: PullRequest = None,
    head: Head = None,
    commit: Commit = None,
    report_url: ReportUrl = None,
    author: Author = "github-actions[bot]",
) -> None:
    """Write a review as the one comment of its pull request, in place of the one before.

    The token is read from GITHUB_TOKEN. What is in the folder is read as data: nothing of it is run.
    """
    from infra.review.publish import GitHub

    require_url(report_url)
    github = GitHub(
        repository=repository,
        token=os.environ.get("GITHUB_TOKEN", ""),
        author=author,
        api=os.environ.get("GITHUB_API_URL", "https://api.github.com"),
    )
    number = _number(github, pull_request, head, commit)
    if number is None:
        note("no open pull request has this commit as its head any more: nothing is written")
        return
    note(f"{github.write(number, _text(folder, report_url))} the comment of pull request {number}")


def _number(github: GitHub, number: int | None, head: str | None, commit: str | None) -> int | None:
    if (number is None) is (head is None) or (head is None) is not (commit is None):
        raise UserError("which pull request?", remedy="give --pull-request, or --head together with --commit")
    if number is not None:
        return number
    return github.pull_request_of(head or "", commit or "")


def _text(folder: Path, report_url: str | None) -> str:
    import dataclasses

    from infra.proof.facts.inputs import Unreadable
    from infra.review.comment import MARKER
    from infra.review.comment import comment as written
    from infra.review.document import read_review

    for job, said in _JOBS.items():
        file = folder / job / "review.json"
        if file.is_symlink() or not file.is_file() or not file.stat().st_size:
            continue
        try:
            found = read_review(file)
        except Unreadable:
            break
        return written(dataclasses.replace(found, notes=(said, *found.notes)), report_url=report_url)
    where = f" [The run]({report_url}) says why." if report_url else ""
    return f"{MARKER}\n\n## ❌ Bulkhead preview: there is no review\n\nThe preview ended before it had one.{where}\n"
