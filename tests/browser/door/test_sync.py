"""Background Sync: the browser empties the queue after the page has gone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.door.conftest import PHONE, Evening, loaded, read, word
from tests.browser.door.passage import Passage
from tests.live import Live

pytestmark = pytest.mark.browser

WAITING = "[data-view=camera] [data-waiting]"


@pytest.fixture(scope="module")
def passage(evening: Evening) -> Iterator[Passage]:
    made = Passage(evening.live.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(evening: Evening, passage: Passage) -> Live:
    return replace(evening.live, url=passage.url)


@pytest.fixture
def party(evening: Evening) -> int:
    """Two people who are on the list before the phone gets it."""
    return evening.book(2)


@pytest.fixture
def page(evening: Evening, party: int, passage: Passage, open_page: OpenPage) -> Page:
    """A phone that is paired over the passage, the whole app on it."""
    passage.cut = False
    page = open_page(**PHONE, permissions=["camera"])
    page.goto(f"/porte#{evening.pairing()}")
    page.get_by_label("Nom de ce téléphone").fill("Entrée nord")
    page.get_by_role("button", name="Relier ce téléphone").click()
    page.wait_for_selector("[data-reading]")
    loaded(page)
    return page


def test_the_browser_empties_the_queue_after_the_page_has_gone(
    evening: Evening, party: int, passage: Passage, page: Page
) -> None:
    """The worker is woken by the browser (here by its own tool for that), with no page of the door open."""
    passage.cut = True
    read(page, evening.address(party, 0))
    expect(word(page)).to_have_text("Entrez")
    page.locator("[data-view=verdict] [data-act=next]").click()
    expect(page.locator(WAITING)).to_have_text("1")
    tool = page.context.new_cdp_session(page)
    found: list[str] = []
    tool.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(
        one["registrationId"] for one in told["registrations"] if one["scopeURL"].endswith("/porte") and not one["isDeleted"]
    ))  # fmt: skip
    tool.send("ServiceWorker.enable")
    page.goto("/fr/infos")
    assert evening.scans(party) == []
    passage.cut = False
    for _ in range(1200):
        if found:
            tool.send("ServiceWorker.dispatchSyncEvent", {
                "origin": passage.url, "registrationId": found[-1], "tag": "scans", "lastChance": False,
            })  # fmt: skip
        if evening.scans(party):
            break
        page.wait_for_timeout(50)
    assert evening.scans(party) == [("admitted", "admitted", None)]
