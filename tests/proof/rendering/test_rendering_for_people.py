"""A report as text, Markdown and a page: everything is said, and no text that was read becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import msgspec
import pytest
from markdown_it import MarkdownIt

from infra.proof.rendering import as_html, as_lines, as_markdown
from infra.proof.rendering.markdown import code
from infra.proof.rendering.wording import context
from infra.proof.report import Report
from tests.proof.rendering.reports import BROKEN, HOSTILE, LEAK, SOUND

#: What a reader must find of `BROKEN`, whichever way it is shown.
SAID = (
    "acme → globex",
    "role/helper",
    "s3:GetObject",
    "bh-dev-globex-data-1/x",
    "vpce-1",
    "assume-role",
    "sts:ExternalId",
    "ReadData",
    "components/security/roles.py:70",
    "name acme",
    "encryption at rest",
    "give the export too",
    "aws:backup/vaultPolicy:VaultPolicy",
    "the joint study",
    "2027-03-31",
)


def text(report: Report) -> str:
    """The report as a terminal shows it."""
    return "\n".join(line.text for line in as_lines(report))


def markdown(report: Report) -> str:
    """The report's Markdown as the HTML that a reader gets of it."""
    return MarkdownIt("commonmark", {"html": True}).render(as_markdown(report))


class _Page(HTMLParser):
    """Elements and their attributes, what is in scripts, and what a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.shown: list[str] = []
        self._open = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag if tag in self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        self.inside.get(self._open, self.shown).append(data)


def page(report: Report) -> str:
    """What a reader of the page sees."""
    return "".join(_Page(as_html(report)).shown)


SHOWN: dict[str, Callable[[Report], str]] = {"text": text, "markdown": as_markdown, "page": page}


@pytest.mark.parametrize("kind", SHOWN)
def test_everything_that_matters_is_said(kind: str) -> None:
    shown = SHOWN[kind](BROKEN)
    plain = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), shown)
    for wanted in SAID:
        assert wanted in plain, wanted


@pytest.mark.parametrize("kind", SHOWN)
def test_a_proof_says_so_and_nothing_else(kind: str) -> None:
    shown = SHOWN[kind](SOUND)
    assert "Proved" in shown
    assert "2 tenants, 2 ordered pairs" in shown
    assert not re.search(r"Findings|1 of|allowed by|Shared on", shown)


def test_a_terminal_gets_no_control_characters() -> None:
    shown = text(HOSTILE)
    assert "\\x1b[2J" in shown
    assert all(char.isprintable() for line in shown.split("\n") for char in line)


def test_markdown_shows_hostile_text_and_makes_nothing_of_it() -> None:
    """Nothing but what the rendering itself writes: no script, no link, no heading of the text's own."""
    page = _Page(markdown(HOSTILE))
    assert {tag for tag, _ in page.elements} <= {"h2", "p", "details", "summary", "b", "ul", "li", "code"}
    assert [tag for tag, _ in page.elements].count("h2") == 1
    assert "alert(1)" in "".join(page.shown)
    assert "@org" not in re.sub(r"<code>.*?</code>", "", markdown(HOSTILE), flags=re.DOTALL)


@pytest.mark.parametrize("inner", ["plain", "`", "a ``` b", "`a`", "", "\n# x", "``````"])
def test_a_code_span_cannot_be_ended_by_its_text(inner: str) -> None:
    page = _Page(MarkdownIt("commonmark").render(f"x {code(inner)} y"))
    assert [tag for tag, _ in page.elements] == ["p", "code"]


def test_markdown_fits_in_its_room_and_counts_what_it_leaves_out() -> None:
    many = msgspec.structs.replace(BROKEN, findings=(LEAK,) * 200)
    assert len(as_markdown(many)) > 50_000 * 0.8
    short = as_markdown(many, longest=5_000)
    assert len(short) <= 5_000
    shown = short.count("name acme")
    assert 0 < shown < 200
    assert f"{200 - shown} more findings" in short


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("aws:sourcevpce", "aws:SourceVpce"),
        ("AWS:PRINCIPALTAG/Tenant", "aws:PrincipalTag/Tenant"),
        ("kms:encryptioncontext:aws:s3:arn", "kms:EncryptionContext:aws:s3:arn"),
        ("x:nothing", "x:nothing"),
    ],
)
def test_context_keys_are_shown_as_aws_writes_them(key: str, written: str) -> None:
    assert list(context({key: "v"})) == [f'{written} = "v"']


@pytest.mark.parametrize("report", [BROKEN, SOUND, HOSTILE], ids=["broken", "sound", "hostile"])
def test_the_page_runs_its_own_script_only_and_loads_nothing(report: Report) -> None:
    page = _Page(as_html(report))
    scripts = [attributes for tag, attributes in page.elements if tag == "script"]
    assert scripts == [{}]
    (policy,) = [
        attributes["content"] or ""
        for _, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    for kind in page.inside:
        digest = base64.b64encode(hashlib.sha256("".join(page.inside[kind]).encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), tag


def test_the_picture_has_a_cell_for_every_pair_and_for_outsiders() -> None:
    cells = [attributes for tag, attributes in _Page(as_html(BROKEN)).elements if tag == "rect" and "x" in attributes]
    states = [(cell["class"] or "").split()[1] for cell in cells]
    assert len(states) == 4 * 3
    # acme, globex, initech and outside, by acme, globex and initech
    assert states == [
        "own", "leak", "open",
        "shared", "leak", "open",
        "open", "open", "own",
        "unknown", "open", "open",
    ]  # fmt: skip


def test_the_picture_of_a_proof_is_all_proved() -> None:
    elements = _Page(as_html(SOUND)).elements
    states = [(each["class"] or "").split()[1] for tag, each in elements if tag == "rect" and "x" in each]
    assert states == ["own", "proved", "proved", "own", "proved", "proved"]


def test_a_picture_of_many_tenants_has_those_that_are_named() -> None:
    tenants = tuple(f"t{number:03}" for number in range(300))
    last = msgspec.structs.replace(LEAK, from_="t298", to="t299")
    source = as_html(msgspec.structs.replace(SOUND, tenants=tenants, findings=(last,)))
    assert 'data-from="t298" data-to="t299"' in source
    assert "264 more tenants are not shown" in source
