"""The comment: it fits, tells the worst first and what it left out, and no text of others is markup in it."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from infra.changes import Reason
from infra.review.comment import MARKER, MOST_CHARACTERS, comment
from infra.review.fitting import Item, Section, fitted
from infra.review.markdown import code, inline_html, table
from infra.review.model import Review, StackReview
from tests.review.reviews import HOSTILE, loud, quiet, stack

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


class _Page(HTMLParser):
    """The elements of rendered Markdown, and the text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.prose = ""
        self.code: list[str] = []
        self._inside = 0
        self.feed(_MARKDOWN.render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self._inside += tag == "code"
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code[-1] += data
        else:
            self.prose += data


_LAYOUT = {"details", "summary", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "blockquote", "p", "br"}
_OURS = _LAYOUT | {"h2", "h3", "h4", "strong", "b", "em", "code", "sub", "a"}


def test_hostile_text_is_code_and_nothing_else() -> None:
    """Rendered, the comment has our elements only; what others wrote is inside of code, where nothing is a mention."""
    rendered = _Page(comment(loud()))
    assert set(rendered.tags) <= _OURS - {"a"}
    assert not set(rendered.attributes) - {"style"}
    for word in ("@octocat", "evil.example", "alert", "heading", "\u202e"):
        assert word not in rendered.prose, word
    assert any("@octocat" in each for each in rendered.code)


def test_every_row_has_the_columns_of_its_head() -> None:
    """A bar in a name makes no further cell: each table's rows are as wide as its head."""
    for html in re.findall(r"<table>.*?</table>", _MARKDOWN.render(comment(loud())), re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
        assert len({len(re.findall(r"<t[hd]", row)) for row in rows}) == 1
    # The control: bare, the same text has more cells than the head.
    assert comment(loud()).count("<code>") > 0
    assert "<td>" in _MARKDOWN.render(table(["a", "b"], [[code(HOSTILE), "x"]]))
    assert _cells(table(["a", "b"], [[HOSTILE.replace("\n", " "), "x"]])) != _cells(table(["a", "b"], [["y", "x"]]))
    assert _cells(table(["a", "b"], [[code(HOSTILE), "x"]])) == ["code", "x"]


def _cells(text: str) -> list[str]:
    row = _MARKDOWN.render(text).split("<tbody>")[1]
    return ["code" if "<code>" in cell else cell for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]


@settings(max_examples=400)
@given(st.text(alphabet=st.sampled_from("ab `|\\<>&@#[]()*_~!\n\r\t\u202e\u2028$:/.-"), max_size=40))
def test_any_text_is_one_code_span(text: str) -> None:
    """Whatever it is made of, as a line and in a cell it is exactly one code span, and nothing comes out of it."""
    for made in (f"x {code(text)} y", table(["a", "b"], [[code(text), "end"]])):
        rendered = _Page(made)
        assert rendered.tags.count("code") == 1
        assert set(rendered.tags) <= {"p", "code", "table", "thead", "tbody", "tr", "th", "td"}
        assert rendered.prose.split() in (["x", "y"], ["a", "b", "end"])
    rendered = _Page(f"<details><summary>{inline_html(text)}</summary>\n\nx\n\n</details>")
    assert rendered.tags == ["details", "summary", "code", "p"]


def test_the_marker_is_first_and_ours() -> None:
    """The comment is found again by its first line, which text of others cannot make."""
    for review in (loud(), quiet()):
        assert comment(review).startswith(MARKER + "\n")
    assert _MARKDOWN.render(comment(loud())).count(MARKER) == 1


def test_what_destroys_data_is_bold_and_above_the_folds() -> None:
    """A replaced key and a deleted log group are told in bold before anything that is folded; the update is not."""
    text = comment(loud())
    above = text.split("<details>")[0]
    assert re.search(r"\*\*replace .*aws:kms/key:Key.*\*\*all that is encrypted with it\*\*", above)
    assert "**delete `logs-workloads`**" in above
    assert "`multiRegion` differs" in above
    assert "`tumour`" not in above
    assert "**`initech`** 1 resource, 1 of them with data" in above
    assert "**3 resources**" in above


def test_a_leak_comes_with_its_witness() -> None:
    """Verdict, request, chain and statements with their place are there, and the leak is the headline."""
    text = comment(loud())
    assert "## ❌ Bulkhead preview: tenants are not isolated" in text
    for part in ("`s3:GetObject`", "assume-role", "`ReadAll`", "`components/roles.py:70`", "Before: Proved."):
        assert part in text, part
    assert "## ✅ Bulkhead preview: isolation is proven" in comment(quiet())


def test_a_failed_preview_is_no_proof() -> None:
    """What is proven without the stack whose preview failed is not told as proven."""
    failed = dataclasses.replace(stack("globex"), outcome="failed", error="no such cell")
    review = dataclasses.replace(quiet(), stacks=(*quiet().stacks, failed))
    text = comment(review)
    assert "1 preview failed" in text
    assert "✅" not in text
    assert "count as they are deployed" in text


def _many(count: int) -> Review:
    reasons = (Reason(file="components/storage/buckets.py", why="imported by tenant_stacks.tenant"),)
    stacks: tuple[StackReview, ...] = tuple(
        dataclasses.replace(stack(f"tenant{number}", title=HOSTILE, more=90), reasons=reasons)
        for number in range(count)
    )
    worst = dataclasses.replace(stacks[-1], resources=(*loud().stacks[0].resources[:1], *stacks[-1].resources))
    return dataclasses.replace(loud(), stacks=(*stacks[:-1], worst))


@pytest.mark.parametrize("count", [50, 1000])
def test_it_fits_and_says_what_it_left_out(count: int) -> None:
    """With a thousand tenants the leak, the lost data and a count of what is left out are there."""
    text = comment(_many(count), report_url="https://example.com/report")
    assert len(text) < MOST_CHARACTERS
    assert "`ReadAll`" in text
    assert "**replace " in text
    assert re.search(r"_\d[\d,]* more stacks are left out here: \[see the HTML report\]", text) or count == 50
    assert text.count("<details>") == text.count("</details>")
    assert set(_Page(text).tags) <= _OURS


def test_nothing_is_left_out_without_need() -> None:
    """The control: what fits is all there, and nothing is said to be left out."""
    assert "left out" not in comment(quiet())
    assert "left out" not in comment(loud())


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 300), st.integers(0, 60)), max_size=30),
    st.integers(300, 2000),
)
def test_fitting(sizes: list[tuple[int, int, int]], most: int) -> None:
    """The text is never longer than it may be, and nothing is said in place of something shorter that matters more."""
    items = tuple(
        Item(rank=rank, full=f"{number:03}" + "f" * (full + short), short=f"{number:03}" + "s" * short)
        for number, (rank, full, short) in enumerate(sizes)
    )
    text = fitted([Section(head="head", items=items, what="things")], most, "elsewhere")
    assert len(text) <= most
    said = [item for number, item in enumerate(items) if f"\n{number:03}" in text]
    missing = [item for number, item in enumerate(items) if f"\n{number:03}" not in text]
    assert (f"{len(missing)} more things" in text) == bool(missing)
    for item in missing:
        assert all(other.rank <= item.rank or len(other.short) < len(item.short) for other in said)
