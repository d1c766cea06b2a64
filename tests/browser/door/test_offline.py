"""An evening in a basement: hours without a network, a reload, a killed page, a new version of the app, a cut phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import until
from tests.browser.door.conftest import (
    Evening,
    Showing,
    kept_on,
    line,
    loaded,
    read,
    rests,
    scan_all,
    type_code,
    word,
)

pytestmark = pytest.mark.browser

WAITING = "[data-view=camera] [data-waiting]"
NARROW = """() => {
  const send = fetch;
  globalThis.arrived = [];
  globalThis.fetch = async (address, options) => {
    if (!String(address).endsWith("/scans")) return send(address, options);
    const many = JSON.parse(options.body).scans.length;
    if (many > 2) return new Response("too large", { status: 413 });
    const answer = await send(address, options);
    arrived.push(many);
    return answer;
  };
}"""
"""Something between the phone and the house that takes letters of two scans at most."""


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [(502, "text/html", "<h1>502</h1>"), (413, "text/html", "too large"), (401, "text/html", "<h1>Wi-Fi</h1>"),
     (200, "text/html", "<h1>Wi-Fi</h1>"),
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
    page.evaluate(NARROW)
    page.context.set_offline(True)
    scan_all(page, evening.addresses(party))
    page.context.set_offline(False)
    expect(page.locator(WAITING)).to_have_text("0")
    assert evening.entered(party) == 5
    letters = page.evaluate("arrived")
    assert (sum(letters), max(letters)) == (5, 2)


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
    until(page, lambda: rests(page), (0, 1))
    read(page, evening.address(booking, 0))
    expect(page.get_by_role("heading", name="Téléphone coupé")).to_be_visible()
    assert evening.scans(booking) == []
    page.reload()
    page.get_by_label("Code d’appairage").fill(evening.pairing())
    page.get_by_role("button", name="Relier ce téléphone").click()
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


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
