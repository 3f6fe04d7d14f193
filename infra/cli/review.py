"""`bulkhead preview --changed-since`: what a pull request does, as text, one Markdown comment, a page or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.destinations import require_folders, write_file
from infra.cli.output import note, out, print_json
from infra.errors import UserError

if TYPE_CHECKING:
    from infra.review.model import Review

ChangedSince = Annotated[
    str | None,
    typer.Option(
        metavar="REF",
        help="Instead of named stacks: those that differ from where REF was forked off, the working tree included.",
    ),
]
Comment = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --changed-since: write the pull request's comment there.")
]
Page = Annotated[Path | None, typer.Option(metavar="FILE", help="With --changed-since: write the HTML report there.")]
ReportUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="With --comment: where readers find the HTML report.")
]

#: The codes of `bulkhead prove` for what is not proven, each with 10 added, as 1 and 2 are taken here.
LEAK = 11
UNKNOWN = 12
#: A finding of the policy pack that stops an update.
FORBIDDEN = 14


def review(
    ref: str,
    *,
    comment: Path | None,
    html: Path | None,
    report_url: str | None,
    parallel: int | None,
    provider: str | None,
    as_json: bool,
) -> None:
    """Review what differs since `ref`, write what is asked for, and exit accordingly.

    Args:
        ref: A branch, tag or commit.
        comment: The file that gets the Markdown comment.
        html: The file that gets the page.
        report_url: Where the page can be had, for the comment.
        parallel: How many stacks run at the same time.
        provider: The AWS plugin in the sandbox.
        as_json: Whether one JSON document is printed instead of text.

    Raises:
        UserError: nothing was previewed, or a file cannot be written.
    """
    from infra.cli.output import err
    from infra.cli.progress import LiveProgress
    from infra.operations.pull_request import review_changes
    from infra.operations.workspace import Workspace
    from infra.review.comment import comment as written
    from infra.settings import load_settings

    require_url(report_url)
    require_folders(comment, html)
    with Workspace(load_settings(parallel=parallel, provider=provider), report=note) as workspace:
        workspace.engine  # noqa: B018  made before the live display starts, as it may have to be built first
        with LiveProgress(quiet=as_json and not err.is_terminal) as progress:
            cache = workspace.settings.home / "proof-cache"
            found = review_changes(workspace, ref, cache=cache, on_event=progress.on_event)
    text = written(found, report_url=report_url)
    if comment is not None:
        write_file(comment, text)
    if html is not None:
        from infra.review.page import page

        write_file(html, page(found))
    if as_json:
        from infra.review.document import as_document

        print_json({**as_document(found), "exit_code": exit_code(found)})
    else:
        _show(found)
    raise typer.Exit(exit_code(found))


def exit_code(found: Review) -> int:
    """How the command ends: the worst of what was found."""
    from infra.proof.report import Verdict

    if found.verdict is Verdict.LEAK:
        return LEAK
    if any(each.outcome == "cancelled" for each in found.stacks):
        return 130
    if found.failed:
        return 1
    if found.forbidden:
        return FORBIDDEN
    return UNKNOWN if found.stacks and found.verdict is Verdict.UNKNOWN else 0


def _show(found: Review) -> None:
    from rich.text import Text

    from infra.review.wording import difference, grouped, headline, operations

    mark, sentence = headline(found)
    out.print(Text(f"{mark} {sentence}", style="bold"))
    for stack in found.stacks:
        state = operations(stack) if stack.outcome == "succeeded" else f"preview {stack.outcome}: {stack.error}"
        out.print(
            Text(f"{stack.stack}  ", style="bold") + Text(f"{stack.fate}, {state}, {difference(stack.usd_month)}")
        )
        for resource in stack.destroyed:
            out.print(Text(f"  {resource.op} {resource.name}: loses {resource.loses}", style="bold red"))
        for reason in stack.reasons:
            out.print(Text(f"  {reason.file}: {reason.why}", style="dim"))
    for alike in grouped(found.isolation.report.findings) if found.isolation else ():
        more = f" (and {len(alike) - 1} more of its kind)" if len(alike) > 1 else ""
        out.print(Text(f"  {alike[0].verdict}: {alike[0].reason}{more}", style="red"))
    if found.isolation_error:
        out.print(Text(f"isolation: {found.isolation_error}", style="yellow"))


def require_url(url: str | None) -> None:
    """Refuse what is no plain https address: it becomes a link of the comment.

    Raises:
        UserError: it is none.
    """
    from urllib.parse import urlsplit

    if url is not None and (urlsplit(url).scheme != "https" or not url.isascii() or set(url) & set(" ()<>\"'`\\|\n\r")):
        raise UserError(
            f"{url!r} is no https address", remedy="give one without spaces and brackets", where="--report-url"
        )
