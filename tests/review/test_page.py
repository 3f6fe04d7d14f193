"""The HTML report in a browser: it loads nothing, runs nobody else's code, and its search and filter work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from infra.review.matrix import access_matrix
from infra.review.model import Isolation, Review
from infra.review.page import page
from tests.review.reviews import HOSTILE, loud, proved, quiet

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, the one that is installed."""
    if _CHROMIUM is None:
        pytest.skip("there is no Chromium on PATH")
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox of its own; it opens nothing but our own file.
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class _Opened:
    """The report in a tab, with what it asked for and complained of."""

    def __init__(self, browser: Browser, review: Review, folder: Path, **options: object) -> None:
        file = folder / "report.html"
        file.write_text(page(review), encoding="utf-8")
        context = browser.new_context(**options)  # pyright: ignore[reportArgumentType]
        self.tab: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", self._dismiss)
        self.tab.goto(file.as_uri())

    def _dismiss(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def shown(self, selector: str) -> list[str]:
        """The texts of what is visible."""
        return [each.inner_text() for each in self.tab.locator(selector).all() if each.is_visible()]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> _Opened:
    return _Opened(browser, loud(), tmp_path)


def test_it_loads_nothing_and_runs_nothing_of_others(opened: _Opened) -> None:
    """Hostile names, messages and paths are text: no request but the file's own, no dialog, no element of theirs."""
    assert opened.requests == [opened.tab.url]
    assert opened.complaints == []
    assert opened.tab.locator("img").count() == 0
    assert opened.tab.locator("script").count() == 1
    assert opened.tab.locator("a").count() == 0
    assert "<script>alert(1)</script>" in opened.tab.inner_text("main")
    assert "\u202e" not in opened.tab.content()


def test_a_script_that_slipped_in_would_not_run(browser: Browser, tmp_path: Path) -> None:
    """The page's policy lets nothing run but its own script: the twin without it would show the dialog."""
    planted = page(quiet()).replace("<main>", "<main><script>document.title = 'owned'</script>")
    policy = planted[planted.index("<meta http-equiv") : planted.index("<meta name=")]
    titles: list[str] = []
    for name, text in (("with", planted), ("without", planted.replace(policy, ""))):
        file = tmp_path / f"{name}.html"
        file.write_text(text, encoding="utf-8")
        tab = browser.new_page()
        tab.goto(file.as_uri())
        titles.append(tab.title())
    assert titles == ["Bulkhead preview: isolation is proven", "owned"]


def test_search(opened: _Opened) -> None:
    """Words narrow the entries, open what they are folded in, and are forgotten with Clear."""
    everything = opened.tab.inner_text("#count")
    opened.tab.fill("#search", "role-1 acme")
    rows = opened.shown("tr[data-of]")
    assert len(rows) == 3, rows  # role-1, role-10, role-11
    assert all("role-1" in row for row in rows)
    assert opened.tab.inner_text("#count").startswith("3 of ")
    assert not opened.tab.locator("h2", has_text="Cost").is_visible()
    opened.tab.fill("#search", "nothing is called that")
    assert opened.tab.locator("#nothing").is_visible()
    opened.tab.click("text=Clear")
    opened.tab.wait_for_function(f"document.getElementById('count').value === '{everything}'")
    assert opened.tab.locator("h2", has_text="Cost").is_visible()


def test_filter_by_tenant(opened: _Opened) -> None:
    """A tenant's entries alone are shown, those about a pair that it is one of included; the picture fades the rest."""
    opened.tab.select_option("#filter", "globex")
    of = {name for row in opened.tab.locator("[data-of]:visible").all() for name in [row.get_attribute("data-of")]}
    assert of == {"globex", "acme globex", "umbrella globex", "globex globex"}
    assert opened.tab.locator('g[data-pair="acme globex"].faded').count() == 0
    assert opened.tab.locator('g[data-pair="acme initech"].faded').count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_it_fits_and_can_be_read(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    """In both schemes text stands out from its ground by 4.5 to 1 (WCAG 2.2, 1.4.3); nothing is wider than a phone."""
    opened = _Opened(browser, loud(), tmp_path, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width
    for selector in ("h1", ".soft", ".tag.bad", ".tag.warn", "td code", ".bad", ".alarm", ".matrix .held .sign"):
        assert opened.tab.evaluate(_CONTRAST, selector) >= 4.5, selector


#: The contrast of the first match with the nearest painted ground, by the formula of WCAG 2.2.
_CONTRAST = """(selector) => {
  const node = document.querySelector(selector);
  const channels = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = channels(text).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const svg = node.ownerSVGElement;
  const ink = getComputedStyle(node)[svg ? "fill" : "color"];
  let ground = svg ? getComputedStyle(node.parentNode.querySelector("rect")).fill : null;
  for (let at = node; !ground; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((channels(colour)[3] ?? 1) > 0) ground = colour;
  }
  const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]


def test_nothing_refers_to_elsewhere() -> None:
    """No attribute names another file, and no style does."""
    parser = _Tags()
    text = page(loud())
    parser.feed(text)
    assert not [each for each in parser.attributes if each[1] in ("src", "href", "srcset", "action", "data")]
    assert "url(" not in text.partition("</style>")[0]
    assert "@import" not in text


def test_a_thousand_tenants_make_a_picture_of_those_that_matter() -> None:
    """Of many tenants those with findings are in the picture first, then those that the change touches."""
    names = tuple(f"t{number}" for number in range(1000))
    report = proved(*names)
    matrix = access_matrix(Isolation(report=report, before=None), ["t777"])
    assert "t777" in matrix.owners
    assert (len(matrix.owners), matrix.omitted) == (40, 960)


def test_the_states_of_the_matrix() -> None:
    """A leak outdoes what is declared, what is not known is not held, and the outside is a row of its own."""
    isolation = loud().isolation
    assert isolation is not None
    cells = {(cell.actor, cell.owner): cell for row in access_matrix(isolation, []).rows for cell in row}
    states = {pair: cell.state for pair, cell in cells.items()}
    assert states["acme", "globex"] == "leak"
    assert states["umbrella", "acme"] == "unknown"
    assert states["umbrella", "globex"] == "shared"
    assert states["outside", "initech"] == "leak"
    assert states["globex", "acme"] == "held"
    assert states["acme", "acme"] == "own"
    assert cells["acme", "globex"].gained == 1


def test_hostile_text_is_in_the_page_as_text() -> None:
    """The control of the test above: what is hostile is really there."""
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(loud())
    assert HOSTILE not in page(loud())
