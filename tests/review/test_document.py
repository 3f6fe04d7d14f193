"""The JSON document tells the whole review, and is read again without believing what follows from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.proof.facts.inputs import Unreadable
from infra.review.comment import comment
from infra.review.document import as_document, read_review
from infra.review.model import Review
from infra.review.page import page
from tests.review.reviews import loud, quiet


def _written(folder: Path, review: Review, **changed: object) -> Path:
    file = folder / "review.json"
    file.write_text(json.dumps({**as_document(review), **changed}), encoding="utf-8")
    return file


@pytest.mark.parametrize("review", [quiet(), loud()], ids=["quiet", "loud"])
def test_it_is_read_as_it_was_written(review: Review, tmp_path: Path) -> None:
    """Nothing is lost on the way: the comment and the page are the same."""
    again = read_review(_written(tmp_path, review))
    assert again == review
    assert (comment(again), page(again)) == (comment(review), page(review))


def test_what_follows_is_computed_anew(tmp_path: Path) -> None:
    """A document that calls a leak proven is told as the leak that is in it."""
    again = read_review(_written(tmp_path, loud(), verdict="Proved", destroyed=0, usd_month=0))
    assert "tenants are not isolated" in comment(again)
    assert "**3 resources**" in comment(again)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"ref": 1}', b"\xff\xfe", b"[" * 100_000, b'{"stacks": [{"fate": "gone"}]}']
)
def test_what_is_no_review_is_refused(content: bytes, tmp_path: Path) -> None:
    """Anything else is an error that names the file."""
    file = tmp_path / "review.json"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match=r"review\.json"):
        read_review(file)


def test_render(tmp_path: Path) -> None:
    """The command makes the comment and the page of a document."""
    made = CliRunner().invoke(
        app,
        ["review", "render", str(_written(tmp_path, loud())), "--comment", str(tmp_path / "c.md"), "--html",
         str(tmp_path / "r.html"), "--report-url", "https://example.com/runs/1"],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert (tmp_path / "c.md").read_text(encoding="utf-8") == comment(loud(), report_url="https://example.com/runs/1")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == page(loud())
