"""An evening in a basement: hours without a network, a reload, a killed page, a new version of the app, a cut phone."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.door.conftest import (
    Evening,
    Showing,
    kept_on,
    line,
    loaded,
    read,
    scan_all,
    type_code,
    word,
)

pytestmark = pytest.mark.browser

WAITING = "[data-view=camera] [data-waiting]"


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [(502, "text/html", "<h1>502</h1>"), (413, "text/html", "too large"), (401, "text/html", "<h1>Wi-Fi</h1>"),
     (200, "application/json", '{"results": []}'), (429, "application/problem+json", '{"type": "too-often"}')],
)  # fmt: skip
def test_no_answer_but_the_houses_own_empties_the_queue(
    evening: Evening, paired: Showing, status: int, kind: str, body: str
) -> None:
    booking = evening.book(1)
    page = paired()
    loaded(page)
    page.route("**/api/v1/scans", lambda route: route.fulfill(status=status, content_type=kind, body=body))
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    expect(line(page)).to_have_text("1 en attente")
    assert evening.scans(booking) == []
    page.unroute("**/api/v1/scans")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


def test_a_letter_that_is_too_large_goes_in_halves(evening: Evening, paired: Showing) -> None:
    party = evening.book(5)
    page = paired()
    loaded(page)
    page.context.set_offline(True)
    scan_all(page, evening.addresses(party))
    sizes: list[int] = []

    def narrow(route: object) -> None:
        sent = len(json.loads(route.request.post_data)["scans"])  # type: ignore[attr-defined]
        sizes.append(sent)
        if sent > 2:
            route.fulfill(status=413, content_type="text/html", body="too large")  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/api/v1/scans", narrow)
    page.context.set_offline(False)
    expect(page.locator(WAITING)).to_have_text("0")
    assert evening.entered(party) == 5
    assert sizes[0] == 5
    assert max(sizes[1:]) < 5


def test_a_cut_phone_keeps_only_what_it_has_not_sent(evening: Evening, paired: Showing) -> None:
    booking = evening.book(1)
    page = paired(name="Perdu")
    loaded(page)
    page.context.set_offline(True)
    read(page, evening.address(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    evening.cut("Perdu")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Téléphone coupé")).to_be_visible()
    expect(page.locator("[data-view=cut] [data-told]")).to_contain_text("1 passage n’est pas parti.")
    left = database(page)
    assert (left["kept"], len(left["scan"])) == ([], 1)
    read(page, evening.address(booking, 0))
    expect(page.get_by_role("heading", name="Téléphone coupé")).to_be_visible()
    assert evening.scans(booking) == []
    page.reload()
    page.get_by_label("Code d’appairage").fill(evening.pairing())
    page.get_by_role("button", name="Relier ce téléphone").click()
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


def database(page: Page) -> dict[str, list[object]]:
    """The rows of the door's database, by store."""
    found: dict[str, list[object]] = page.evaluate(
        """async () => {
          const base = await new Promise((done) => { const ask = indexedDB.open("nuit-door"); ask.onsuccess = () => done(ask.result); });
          const rows = (store) => new Promise((done) => {
            const ask = base.transaction(store).objectStore(store).getAll();
            ask.onsuccess = () => done(ask.result);
          });
          const found = { scan: await rows("scan"), kept: await rows("kept") };
          base.close();
          return found;
        }"""
    )
    return found


def test_a_used_phone_holds_no_name_in_any_of_its_stores(evening: Evening, paired: Showing) -> None:
    """Canaries: the people's names, the booking's name and address, the codes that are read aloud."""
    booking = evening.book(3)
    page = paired()
    loaded(page)
    read(page, evening.address(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    kept = kept_on(page).casefold()
    assert '"tickets"' in kept
    assert "/porte/app/" in kept
    assert [one for one in evening.canaries() if one.casefold() in kept] == []
