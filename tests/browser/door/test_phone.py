"""The door on a phone: a fake camera shows tickets, the network comes and goes, nothing is lost and nobody is named."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, sign_in
from tests.browser.door.conftest import (
    PHONE,
    Evening,
    Showing,
    Shown,
    kept_on,
    line,
    read,
    search,
    type_code,
    word,
    write_film,
)

pytestmark = pytest.mark.browser


def test_the_camera_reads_a_ticket_and_the_counts_move(evening: Evening, showing: Showing) -> None:
    booking, before = evening.book(1), evening.come_in()
    page = showing(Shown(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict]")).to_have_attribute("data-verdict", "admitted")
    expect(page.locator("[data-view=verdict] [data-big]")).to_have_text(f"Visite de {evening.hour}.")
    page.get_by_role("button", name="Suivant").click()
    expect(page.locator("[data-entered]")).to_have_text(str(before + 1))
    expect(word(page)).to_have_text("Déjà entré")  # the film shows it again
    expect(page.locator("[data-view=verdict] [data-big]")).to_contain_text("à cette porte")
    assert evening.scans(booking)[:2] == [("admitted", "admitted", None), ("already_in", "already_in", None)]


def test_a_party_is_asked_who_is_there(evening: Evening, showing: Showing) -> None:
    booking = evening.book(3)
    page = showing(Shown(booking))
    expect(page.get_by_role("heading", name="Groupe de 3")).to_be_visible()
    page.get_by_label("Billet 2").uncheck()
    page.get_by_role("button", name="Faire entrer les 2").click()
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict] [data-big]")).to_have_text("2 sur 3 sont entrés.")
    assert evening.scans(booking)[:2] == [("admitted", "admitted", 0), ("admitted", "admitted", None)]


@pytest.mark.parametrize(
    "text", ["javascript:document.title='owned'", "https://evil.example/T/" + "A" * 60, "<img src=x onerror=alert(1)>"]
)
def test_a_foreign_code_is_unknown_and_leads_nowhere(evening: Evening, showing: Showing, text: str) -> None:
    page = showing(Shown(text=text))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    expect(word(page)).to_have_text("Inconnu")
    assert page.url == f"{evening.live.url}/porte"
    assert page.title().startswith("Porte")
    assert [body for body in sent if "evil" in body or "javascript" in body or "img" in body] == []


def test_without_a_network_the_phone_judges_and_nothing_is_lost(evening: Evening, showing: Showing) -> None:
    booking = evening.book(2, evening.slot)
    page = showing()
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.context.set_offline(True)
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict]")).to_have_attribute("data-verdict", "offline")
    expect(line(page)).to_have_text("1 en attente")
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Déjà entré")
    type_code(page, evening.code(booking))
    page.get_by_role("button", name="Faire entrer 1 personne").click()
    expect(page.locator("[data-view=verdict] [data-big]")).to_have_text("Groupe de 2, tous entrés.")
    expect(line(page)).to_have_text("3 en attente")
    assert evening.scans(booking) == []
    page.context.set_offline(False)
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [
        ("admitted", "admitted", None),
        ("already_in", "already_in", None),
        ("admitted", "admitted", None),
    ]


def test_who_came_in_with_a_network_is_in_without_it(evening: Evening, showing: Showing) -> None:
    booking = evening.book(2)
    page = showing()
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.route("**/door/roster*", lambda route: route.abort("internetdisconnected"))
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict]")).to_have_attribute("data-verdict", "admitted")
    page.context.set_offline(True)
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Déjà entré")
    type_code(page, evening.code(booking, 1))
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict]")).to_have_attribute("data-verdict", "offline")


def test_a_scan_goes_to_the_door_it_was_made_at(evening: Evening, open_page: OpenPage, film: Path) -> None:
    """A member scans without a network, then chooses another door: the scan still belongs to the first."""
    booking = evening.book(1)
    write_film(film, [(None, 4)])
    page = open_page(**PHONE, permissions=["camera"])
    sign_in(page, evening.live, "volunteer")
    page.goto(f"/porte?hote={evening.host}")
    page.wait_for_selector("[data-reading]")
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.route("**/api/v1/scans", lambda route: route.abort("internetdisconnected"))
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    page.unroute("**/api/v1/scans")
    page.get_by_role("button", name="Suivant").click()
    page.get_by_role("button", name="Autres gestes").click()
    page.get_by_role("link", name="Choisir une autre porte").click()
    page.get_by_role("link").filter(has_not_text=evening.company).nth(1).click()
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


def test_a_ticket_newer_than_the_list_is_the_volunteers_to_decide(evening: Evening, showing: Showing) -> None:
    page = showing()
    page.wait_for_function("document.querySelector('[data-expected]').textContent !== '–'")
    page.route("**/api/v1/**", lambda route: route.abort("internetdisconnected"))
    booking = evening.book(1)
    read(page, evening.address(booking, 0))
    expect(word(page)).to_have_text("À vous de voir")
    page.get_by_role("button", name="Laisser entrer").click()
    expect(word(page)).to_have_text("Entrez")
    page.unroute("**/api/v1/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


def test_no_name_rests_on_the_phone(evening: Evening, showing: Showing) -> None:
    booking = evening.book(3)
    page = showing(Shown(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    search(page, "philomene")
    expect(page.locator("[data-found] button").first).to_contain_text("Philomène Exemple")
    kept = kept_on(page).casefold()
    assert [one for one in evening.canaries() if one.casefold() in kept] == []


def test_an_organiser_opens_a_door_without_pairing(evening: Evening, open_page: OpenPage, film: Path) -> None:
    booking = evening.book(1)
    write_film(film, [(None, 4)])
    page = open_page(**PHONE, permissions=["camera"])
    sign_in(page, evening.live, "organiser")
    page.goto("/porte")
    page.get_by_role("link", name=evening.company).click()
    page.wait_for_selector("[data-reading]")
    expect(page.locator("[data-guide]")).to_have_attribute("href", f"/espace/{evening.host}/visiteurs")
    search(page, "exemple philo")
    page.locator("[data-found] button").first.click()
    expect(page.locator("[data-view=verdict]:not([hidden]), [data-view=group]:not([hidden])")).to_be_visible()
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text(re.compile("Entrez|Déjà entré"))
    assert evening.scans(booking)[-1][0] in ("admitted", "already_in")


def test_a_ticket_read_by_the_phones_own_camera_goes_to_the_door(
    evening: Evening, open_page: OpenPage, film: Path
) -> None:
    booking = evening.book(1)
    write_film(film, [(None, 4)])
    page = open_page(**PHONE, permissions=["camera"])
    sign_in(page, evening.live, "volunteer")
    page.goto(f"/porte#{evening.address(booking, 0).rsplit('/', 1)[1]}")
    page.get_by_role("link", name=evening.company).click()
    expect(word(page)).to_have_text("Entrez")
    expect(page).to_have_url(f"{evening.live.url}/porte?hote={evening.host}")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


def test_an_organiser_pairs_a_phone_and_cuts_it_off(evening: Evening, open_page: OpenPage, film: Path) -> None:
    write_film(film, [(None, 4)])
    desk = open_page(viewport={"width": 1280, "height": 900})
    sign_in(desk, evening.live, "organiser")
    desk.goto("/porte/appareils")
    desk.get_by_label("Porte").select_option(evening.host)
    desk.get_by_role("button", name="Montrer un code").click()
    code = desk.locator(".ticket .num").inner_text()
    phone = open_page(**PHONE, permissions=["camera"])
    phone.goto("/porte")
    phone.get_by_label("Code d’appairage").fill(code)
    phone.get_by_label("Nom de ce téléphone").fill("Entrée sud")
    phone.get_by_role("button", name="Relier ce téléphone").click()
    expect(phone.locator("[data-view=camera] [data-door-name]")).to_contain_text(evening.company)
    desk.reload()
    row = desk.get_by_role("row", name=re.compile("Entrée sud"))
    row.get_by_role("button").click()
    expect(row).to_have_count(0)
    phone.reload()
    expect(line(phone)).to_have_text("Téléphone coupé")
    phone.get_by_role("button", name="Relier ce téléphone").click()
    phone.get_by_label("Code d’appairage").fill(evening.pairing())
    phone.get_by_role("button", name="Relier ce téléphone").click()
    expect(line(phone)).to_have_text("En ligne")
