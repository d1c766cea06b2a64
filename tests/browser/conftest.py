"""A real Chromium before a real server: every page is watched, and a fault on any of them fails its test."""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, Route, expect, sync_playwright

from tests.live import Live, night

TILES = "wmts.geo.admin.ch"
FAKE_CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")

OpenPage = Callable[..., Page]
T = TypeVar("T")
expect.set_options(timeout=30_000)  # how fast a page answers is measured in bench/; here it only has to come


def until(page: Page, read: Callable[[], T], wanted: T) -> None:
    """Reads again and again until it is `wanted`; fails with what it was at last."""
    for _ in range(300):
        if read() == wanted:
            return
        page.wait_for_timeout(100)
    assert read() == wanted


def weigh(page: Page) -> dict[str, float]:
    """From now on: bytes on the wire, headers included, of each address that arrives for the first time."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    asked: dict[str, str] = {}
    found: dict[str, float] = {}
    session.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: found.setdefault(asked.get(event["requestId"], event["requestId"]), event["encodedDataLength"]),
    )
    return found


@pytest.fixture(scope="session")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The night with the example programme; one for all browser tests of a run."""
    live = night(tmp_path_factory.mktemp("night"), database_url=database_url)
    live.chore("programme", "example")
    live.start()
    yield live
    assert live.stop() == 0, live.log


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Iterator[Callable[..., Browser]]:
    """launch("--flag", …): Chromium with these flags beside --no-sandbox; one for each set of flags."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    assert path, "no Chromium: apt-get install chromium"
    open_now: dict[tuple[str, ...], Browser] = {}

    def launched(*flags: str) -> Browser:
        if flags not in open_now:
            open_now[flags] = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *flags])
        return open_now[flags]

    yield launched
    for one in open_now.values():
        one.close()


@pytest.fixture
def browser_flags() -> tuple[str, ...]:
    """Override it in a module, or parametrize it, to start Chromium with flags of its own (a fake camera)."""
    return ()


@pytest.fixture
def browser(launch: Callable[..., Browser], browser_flags: tuple[str, ...]) -> Browser:
    return launch(*browser_flags)


@pytest.fixture
def faults() -> list[str]:
    """What the watched pages did wrong so far; must be empty at the end of the test."""
    return []


@pytest.fixture
def open_page(server: Live, browser: Browser, faults: list[str]) -> Iterator[OpenPage]:
    """open_page(**options of a browser context): a page of its own, watched like `page`."""
    contexts = []

    def opened(**options: Any) -> Page:
        chosen = {"base_url": server.url, "locale": "fr-CH", "timezone_id": "Europe/Zurich", **options}
        context = browser.new_context(**chosen)
        contexts.append(context)
        host = urlsplit(server.url).netloc
        context.route(re.compile(rf"^https?://(?!{re.escape(host)}/)"), lambda route: _outside(route, faults))
        page = context.new_page()
        _watch(page, faults)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A fresh browser in front of the night, in French, 1280 wide."""
    return open_page(viewport={"width": 1280, "height": 900})


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """The same on a phone, 390 wide."""
    return open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


def _outside(route: Route, faults: list[str]) -> None:
    """No request may leave the house; the map's tiles are refused as if there were no internet."""
    if urlsplit(route.request.url).hostname != TILES:
        faults.append(f"request to {route.request.url}")
    route.abort()


def _watch(page: Page, faults: list[str]) -> None:
    refused: set[str] = set()

    def answered(response: Response) -> None:
        if response.status >= 500:
            faults.append(f"{response.status} at {response.url}")
        elif response.status >= 400:
            refused.add(response.url)

    def said(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        loading = message.text.startswith("Failed to load resource")
        if message.type == "error" and not (loading and (TILES in address or _is_answer(page, address, refused))):
            faults.append(f"console at {page.url}: {message.text} ({address})")

    page.on("response", answered)
    page.on("console", said)
    page.on("pageerror", lambda error: faults.append(f"script at {page.url}: {error}"))


def _is_answer(page: Page, address: str, refused: set[str]) -> bool:
    """A refusal (4xx) of a page or of the API is an answer like another; a missing file of ours is not."""
    return address in refused and not urlsplit(address).path.startswith("/static/")


def sign_in(page: Page, server: Live, role: str, host: str | None = None, email: str | None = None) -> None:
    """Signs this page's browser in through a real link: organiser, volunteer, or host (with the company's slug)."""
    email = email or f"{role}-{host or 'tous'}@exemple.ch"
    link = server.chore("member", "add", email, "--role", role, *(["--host", host] if host else []))
    page.goto(link.split()[-1])
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(lambda address: "/connexion/" not in address)
