"""Hours in a basement, the browser closed, a new version in mid-evening, a volunteer who signs out: no passage is lost."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, sign_in, until
from tests.browser.door.conftest import (
    NO_SYNC,
    PHONE,
    Evening,
    Showing,
    loaded,
    read,
    rests,
    scan_all,
    word,
)

pytestmark = pytest.mark.browser

WAITING = "[data-view=camera] [data-waiting]"


def test_three_hundred_scans_without_a_network_a_reload_and_a_killed_page(evening: Evening, paired: Showing) -> None:
    parties = [evening.book(6) for _ in range(50)]
    people = [address for party in parties for address in evening.addresses(party)]
    assert len(people) == 300
    page = paired()
    loaded(page)
    phone = page.context
    phone.set_offline(True)
    scan_all(page, people[:120])
    expect(page.locator(WAITING)).to_have_text("120")
    page.reload()
    expect(page.locator(WAITING)).to_have_text("120")
    scan_all(page, people[120:200])
    page.close()
    page = phone.new_page()
    page.goto("/porte")
    expect(page.locator(WAITING)).to_have_text("200")
    scan_all(page, people[200:])
    expect(page.locator(WAITING)).to_have_text("300")
    scan_all(page, people[:1])
    expect(word(page)).to_have_text("Déjà entré")
    phone.set_offline(False)
    expect(page.locator(WAITING)).to_have_text("0")
    assert evening.entered(*parties) == 300
    first = evening.scans(parties[0])
    assert first.count(("admitted", "admitted", None)) == 6
    assert first[6:] == [("already_in", "already_in", None)]


def test_signing_out_erases_the_list_and_keeps_what_was_not_sent(evening: Evening, open_page: OpenPage) -> None:
    booking = evening.book(1)
    page = open_page(**PHONE, permissions=["camera"])
    page.context.add_init_script(NO_SYNC)
    sign_in(page, evening.live, "volunteer")
    page.goto(f"/porte?hote={evening.host}")
    loaded(page)
    page.route("**/api/v1/scans", lambda route: route.abort("internetdisconnected"))
    read(page, evening.address(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    page.goto("/connexion/")
    page.get_by_role("button", name="Sortir", exact=True).click()
    page.wait_for_url("**/connexion/")
    until(page, lambda: rests(page), (0, 1))
