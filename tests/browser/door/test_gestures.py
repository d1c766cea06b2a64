"""What a volunteer decides: let in with a reason, another departure, undo, exits, people without a ticket, who is inside."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.browser.door.conftest import (
    PHONE,
    Evening,
    Showing,
    line,
    loaded,
    read,
    type_code,
    word,
)

pytestmark = pytest.mark.browser


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def gesture(page: Page, name: str) -> None:
    """One of the gestures beside the camera."""
    if not page.locator("[data-view=camera]").is_visible():
        page.locator("[data-view]:not([hidden]) [data-act=next]").click()
    tap(page, "Autres gestes")
    tap(page, name)


def test_let_in_with_a_reason_then_undone_without_a_network(evening: Evening, paired: Showing) -> None:
    booking = evening.book(1, evening.away)
    page = paired()
    loaded(page)
    page.context.set_offline(True)
    read(page, evening.address(booking, 0))
    expect(word(page)).to_have_text("Ailleurs")
    tap(page, "Laisser entrer quand même")
    tap(page, "Accord de l’entreprise")
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict] [data-detail]")).to_contain_text("Sur votre décision.")
    tap(page, "Annuler ce passage")
    tap(page, "Erreur de lecture")
    expect(word(page)).to_have_text("Retiré")
    page.context.set_offline(False)
    expect(line(page)).to_have_text("En ligne")
    assert evening.told(booking) == [
        ("in", "elsewhere", ""),
        ("in", "admitted", "Accord de l’entreprise"),
        ("undo", "undone", "Erreur de lecture"),
    ]


def test_another_departure_is_given_where_it_has_places(evening: Evening, paired: Showing) -> None:
    booking = evening.book(2, evening.away)
    page = paired()
    loaded(page)
    type_code(page, evening.code(booking))
    expect(word(page)).to_have_text("Ailleurs")
    tap(page, "Autre départ")
    page.get_by_role("button", name=f"{evening.hour} ·").click()
    tap(page, "Erreur de notre part")
    expect(word(page)).to_have_text("Déplacé")
    expect(page.locator("[data-view=verdict] [data-big]")).to_have_text(f"Nouveau départ à {evening.hour}.")
    type_code(page, evening.code(booking))
    tap(page, "Faire entrer les 2")
    expect(word(page)).to_have_text("Entrez")
    assert evening.entered(booking) == 2


def test_a_departure_is_not_changed_without_a_network(evening: Evening, paired: Showing) -> None:
    booking = evening.book(1, evening.away)
    page = paired()
    loaded(page)
    page.context.set_offline(True)
    read(page, evening.address(booking, 0))
    tap(page, "Autre départ")
    page.get_by_role("button", name=f"{evening.hour} ·").click()
    tap(page, "Erreur de notre part")
    expect(word(page)).to_have_text("Sans réseau")
    page.context.set_offline(False)
    expect(line(page)).to_have_text("En ligne")
    assert [kind for kind, _verdict, _reason in evening.told(booking)] == ["in"]


def test_people_without_a_ticket_wait_and_come_in_within_capacity(evening: Evening, paired: Showing) -> None:
    page = paired()
    loaded(page)
    before = evening.walked_in()
    gesture(page, "Sans billet")
    page.locator("[data-more]").click()
    page.locator("[data-more]").click()
    tap(page, "Noter en attente")
    expect(word(page)).to_have_text("En attente")
    gesture(page, "Sans billet")
    page.get_by_role("button", name="3 personnes, depuis").click()
    expect(word(page)).to_have_text("Entrez")
    expect(page.locator("[data-view=verdict] [data-big]")).to_have_text("Sans billet : 3 personnes.")
    assert evening.walked_in() == before + 3
    tap(page, "Annuler ce passage")
    tap(page, "Erreur de lecture")
    expect(word(page)).to_have_text("Retiré")
    assert evening.walked_in() == before


def test_a_door_without_a_network_counts_people_without_a_ticket_once(evening: Evening, paired: Showing) -> None:
    page = paired()
    loaded(page)
    before = evening.walked_in()
    page.context.set_offline(True)
    gesture(page, "Sans billet")
    tap(page, "Faire entrer 1 personne")
    expect(word(page)).to_have_text("Entrez")
    page.context.set_offline(False)
    expect(line(page)).to_have_text("En ligne")
    assert evening.walked_in() == before + 1


def test_who_is_inside_is_counted_for_all_and_named_for_those_allowed(
    evening: Evening, paired: Showing, open_page: OpenPage
) -> None:
    booking = evening.book(1)
    page = paired()
    loaded(page)
    read(page, evening.address(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    gesture(page, "Qui est dedans")
    expect(page.locator("[data-view=inside] [data-told]")).to_contain_text("Les noms se lisent")
    count = page.locator("[data-inside]").inner_text()
    expect(page.locator("[data-view=inside]")).not_to_contain_text("Philomène")
    desk = open_page(**PHONE, permissions=["camera"])
    sign_in(desk, evening.live, "organiser")
    desk.goto(f"/porte?hote={evening.host}")
    loaded(desk)
    gesture(desk, "Qui est dedans")
    expect(desk.locator("[data-view=inside] [data-rows]")).to_contain_text("Philomène")
    expect(desk.locator("[data-inside]")).to_have_text(count)
    desk.locator("[data-view=inside] [data-act=next]").click()
    expect(desk.locator("[data-view=inside] [data-rows] li")).to_have_count(0)


def test_a_house_that_counts_exits_lets_people_out_and_in_again(evening: Evening, paired: Showing) -> None:
    booking = evening.book(1)
    with evening.counting_exits():
        page = paired()
        loaded(page)
        read(page, evening.address(booking, 0))
        expect(word(page)).to_have_text("Entrez")
        page.locator("[data-view=verdict] [data-act=next]").click()
        tap(page, "Sortie")
        page.wait_for_timeout(2600)  # the same code counts anew once it has been out of sight
        read(page, evening.address(booking, 0))
        expect(word(page)).to_have_text("Sorti")
        page.locator("[data-view=verdict] [data-act=next]").click()
        tap(page, "Sortie")
        page.context.set_offline(True)
        page.wait_for_timeout(2600)
        read(page, evening.address(booking, 0))
        expect(word(page)).to_have_text("Entrez")
        expect(page.locator("[data-view=verdict] [data-detail]")).to_contain_text("De retour.")
        page.context.set_offline(False)
        expect(line(page)).to_have_text("En ligne")
    assert [kind for kind, _verdict, _reason in evening.told(booking)] == ["in", "out", "in"]
