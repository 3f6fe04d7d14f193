"""The console in a browser: accessible in light and dark, live, usable by keyboard, without scripts and on a phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Iterator
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from console_documents import HOSTILE
from console_estate import Console, console_over
from console_server import Site, served
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.api.auth.roles import Role
from infra.lifecycle.states import OperationKind

# One browser and one server for all of them, whoever runs them.
pytestmark = pytest.mark.xdist_group("console browser")
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), None)
_PATHS = (
    "/tenants?q=umbrella",
    "/tenants?state=failed",
    "/tenants?q=none",
    "/tenants/umbrella",
    "/tenants/hooli",
    "/tenants/zorg",
    "/tenants/acme/upgrade",
    "/tenants/acme/erase",
    "/operations?show=open",
    "/operations/{updating}",
    "/operations/{failed}",
    "/fleet",
    "/fleet/upgrade",
    "/fleet/rollouts/{rollout}",
    "/capacity",
    "/audit?verify=1",
    "/nothing",
    "/sign-in",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, the one that is installed."""
    if _CHROMIUM is None:
        pytest.skip("there is no Chromium on PATH")
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox of its own; it opens nothing but our own pages.
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory, issuer_key: RSAKey) -> Generator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with console_over(folder, issuer_key, real_clock=True) as console, served(console) as address:
        yield Site(console, address, browser)


def _paths(console: Console) -> list[str]:
    return [each.format(**vars(console.named)) for each in _PATHS]


def _findings(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds that is serious or critical, by all its rules or by some."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules is not None:
        options["runOnly"] = {"type": "rule", "values": rules}
    run = cast("Callable[..., Any]", Axe().run)  # pyright: ignore[reportUnknownMemberType] - it has no types
    found: list[dict[str, Any]] = run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def test_axe_finds_nothing_serious(site: Site) -> None:
    with site.tab(color_scheme="light", reduced_motion="reduce") as tab:
        for path in _paths(site.console):
            assert _findings(tab.open(path)) == [], path
        tab.page.evaluate("document.querySelector('#token').removeAttribute('id')")
        assert "label" in {each.partition(":")[0] for each in _findings(tab.page)}, "axe looks"


def test_axe_finds_nothing_serious_in_the_dark(site: Site) -> None:
    """Of all that axe looks at, only colours are others there."""
    with site.tab(color_scheme="dark", reduced_motion="reduce") as tab:
        for path in _paths(site.console):
            assert _findings(tab.open(path), ["color-contrast", "link-in-text-block"]) == [], path
        tab.page.evaluate("document.querySelector('h1').style.color = '#333'")
        assert [each.partition(":")[0] for each in _findings(tab.page)] == ["color-contrast"], "axe looks"


def test_nothing_is_wider_than_a_phone(site: Site) -> None:
    with site.tab(viewport={"width": 360, "height": 740}) as tab:
        for path in _paths(site.console):
            assert tab.open(path).evaluate("document.documentElement.scrollWidth") <= 360, path


def test_progress_changes_in_the_page_without_a_reload(site: Site) -> None:
    estate = site.console.estate
    operation = estate.run(estate.start("clinic11", OperationKind.UPDATE), "apply", 0.0)
    with site.tab(Role.OPERATOR) as tab, site.tab(Role.TENANT_ADMIN, "clinic11") as theirs:
        page = tab.open(f"/operations/{operation}")
        listed = theirs.open("/operations")
        for each in (page, listed):
            expect(each.locator("progress")).to_have_attribute("value", "10")
            expect(each.locator("#live-sign")).to_have_text("live")
            each.evaluate("window.opened = 'once'")
        page.focus("#do-cancel")
        estate.advance(operation, 0.5)
        for each in (page, listed):
            expect(each.locator("progress")).to_have_attribute("value", "45")
        expect(page.locator("#do-cancel")).to_be_focused()
        expect(page).to_have_title("update of clinic11: running, 45 % · Bulkhead")
        estate.end_step(operation, "apply")
        estate.run(operation)
        for each in (page, listed):
            expect(each.locator(".tag", has_text="succeeded").first).to_be_visible()
            expect(each.locator("progress")).to_have_count(0)
            assert each.evaluate("window.opened") == "once"
        expect(page.locator("#spoken")).to_have_text("update of clinic11: succeeded")
        expect(page.locator("#live-sign")).to_be_hidden()
        expect(page.locator("#do-cancel")).to_have_count(0)
        assert tab.complaints == theirs.complaints == []
        assert len([each for each in tab.requests if "/operations/" in each]) == 2, "the page, and its stream"


def test_a_stream_tells_a_tenants_administrator_nothing_of_others(site: Site) -> None:
    """Another tenant's events do not reach it, not even as a sign that something happened."""
    estate = site.console.estate
    with site.tab(Role.TENANT_ADMIN, "clinic12") as tab:
        page = tab.open("/tenants")
        expect(page.locator("#live-sign")).to_have_text("live")
        page.evaluate("""() => {
          const told = document.body.dataset;
          told.times = 0;
          new EventSource(location.href + "?seen=0").onmessage = () => told.times++;
        }""")
        body = page.locator("body")
        expect(body).to_have_attribute("data-times", "1")
        estate.run(estate.start("clinic13", OperationKind.UPDATE))
        estate.start("clinic12", OperationKind.UPDATE)
        expect(body).to_have_attribute("data-times", "2")


def test_the_main_way_by_keyboard(site: Site) -> None:
    """Sign in, find a tenant, suspend it; only keys, and the focus is always seen."""
    context = site.browser.new_context()
    page = context.new_page()
    page.goto(f"{site.address}/tenants/clinic15")
    # The field takes the focus when the page is drawn, which may be after it is loaded.
    expect(page.locator("#token")).to_be_focused()
    page.keyboard.type(site.console.token(Role.PLATFORM_ADMIN))
    page.keyboard.press("Enter")
    page.wait_for_url("**/tenants/clinic15")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for wanted in ("Tenants", "Suspend…"):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_have_text(wanted)
        assert focused.evaluate("(each) => getComputedStyle(each).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/suspend")
    page.focus("main")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("#do")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/operations/*")
    expect(page.locator("h1")).to_contain_text("Suspend of clinic15")
    # No trap: going on with Tab, one comes round through everything that can be reached, once.
    reachable = "a[href], button, input:not([type=hidden]), summary, pre[tabindex]"
    count = page.locator(reachable).count()
    page.evaluate("document.activeElement.blur(); window.met = new Set()")
    for _ in range(count):
        page.keyboard.press("Tab")
        page.evaluate("window.met.add(document.activeElement)")
    assert page.evaluate("[...window.met].filter((each) => each !== document.body).length") == count
    context.close()


def test_without_scripts_everything_but_the_live_parts_works(site: Site) -> None:
    context = site.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address)
    page.fill("#token", "not a token")
    page.click("button")
    expect(page.locator("[role=alert]")).to_have_text("The token is not a signed JSON Web Token.")
    page.fill("#token", site.console.token(Role.PLATFORM_ADMIN))
    page.click("button")
    page.fill("#q", "clinic16")
    page.click("text=Search")
    page.click("#t-clinic16")
    expect(page.locator("#live-sign")).to_be_hidden()
    page.click("#do-erase")
    page.fill("#confirmation", "clinic1")
    page.click("#do")
    expect(page.locator("#refusal")).to_contain_text("type clinic16 to confirm")
    page.fill("#confirmation", "clinic16")
    page.click("#do")
    expect(page.locator("h1")).to_contain_text("Erase of clinic16")
    page.click("#do-cancel")
    expect(page.locator("h1 .tag")).to_have_text("cancelled")
    page.click("#sign-out")
    page.goto(f"{site.address}/tenants")
    assert "/sign-in" in page.url
    context.close()


def test_no_text_of_others_runs_or_loads_anything(site: Site) -> None:
    with site.tab() as tab:
        for path in ("/tenants/zorg", f"/operations/{site.console.named.hostile}", "/fleet", "/audit"):
            page = tab.open(path)
            expect(page.locator("main")).to_contain_text(HOSTILE[:30])
            assert page.title().endswith("· Bulkhead")
            assert page.locator("main img, main script").count() == 0
        assert tab.complaints == []
        assert all(each.startswith(f"{site.address}/") for each in tab.requests)


def test_what_slipped_in_would_not_run(site: Site) -> None:
    """The policy alone stops a script, a style and markup that got into a page all the same."""
    with site.tab() as tab:
        page = tab.open("/capacity")
        planted = """() => {
          for (const [tag, text] of [["script", "document.title = 'owned'"], ["style", "h1 { color: rgb(1, 2, 3) }"]]) {
            const node = document.createElement(tag);
            try { node.textContent = text; } catch { node.append(text); }
            document.body.append(node);
          }
          try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=alert(1)>"); return "added"; }
          catch (error) { return error.name; }
        }"""
        assert page.evaluate(planted) == "TypeError"
        assert page.title() == "Capacity · Bulkhead"
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(1, 2, 3)"
        assert len([each for each in tab.complaints if re.search("Content Security Policy|TrustedHTML", each)]) >= 2


def test_nothing_moves_for_who_does_not_want_it(site: Site) -> None:
    animated = "document.getAnimations().length"
    with site.tab() as moving, site.tab(reduced_motion="reduce") as still:
        assert moving.open("/tenants/umbrella").evaluate(animated) > 0
        assert still.open("/tenants/umbrella").evaluate(animated) == 0


def test_a_rollout_is_approved_and_another_begun(site: Site) -> None:
    """Its page changes by itself; the waves are seen before a rollout is begun, and asked for once more."""
    console = site.console
    with site.tab() as tab:
        page = tab.open("/fleet")
        page.click(f"text={console.named.rollout}")
        expect(page.locator("#live-sign")).to_have_text("live")
        for wave in ("50 %", "all"):
            page.click("#do-approve")
            expect(page.locator("h1")).to_have_text(f"Upgrade wave {wave} to 1.1.0?")
            page.click("#do")
            expect(page.locator("h1 .tag")).to_have_text("going on")
            page.evaluate("window.opened = 'once'")
            expect(page.locator("#live-sign")).to_have_text("live")
            console.fleet.run(console.estate.store)
            expect(page.locator("h1 .tag")).to_have_text("incomplete" if wave == "all" else "waiting for approval")
            assert page.evaluate("window.opened") == "once"
        assert console.fleet.run_by("1.0.0") == {"t003", "t004"}
        page = tab.open("/fleet")
        page.click("#do-upgrade")
        page.fill("#to", "1.2.0")
        page.fill("#shares", "25, 5")
        page.click("#do")
        expect(page.locator("#refusal")).to_contain_text("do not rise")
        page.fill("#shares", "25")
        page.select_option("#approval", "each")
        page.click("#do")
        expect(page.locator("h1")).to_have_text("Upgrade the fleet to 1.2.0?")
        expect(page.locator(".waves li h2")).to_contain_text(["25 %", "all"])
        page.click("#do")
        expect(page.locator("h1")).to_contain_text("Rollout to 1.2.0")
        page.click("#do-halt")
        page.fill("#reason", "it was a test")
        page.click("#do")
        console.fleet.run(console.estate.store)
        expect(page.locator("h1 .tag")).to_have_text("halted")
        expect(page.locator(".alarm")).to_have_text("ada halted it: it was a test")
        assert [each for each in tab.complaints if "409" not in each] == [], "the browser tells of the refusal"


def test_when_the_session_ends_a_live_page_asks_to_sign_in(site: Site) -> None:
    with site.tab() as tab:
        page = tab.open("/tenants")
        expect(page.locator("#live-sign")).to_have_text("live")
        tab.page.context.clear_cookies()
        page.reload()
        assert "/sign-in?next=" in page.url
