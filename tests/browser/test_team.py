"""The organisers' desk in a real browser: answers while typing, stops moved by button and by hand, all without a script too."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_screens import violations
from tests.live import Live

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
LOOP = "/equipe/parcours/ronquoz-la-boucle-courte"


def stops(page: Page) -> list[str]:
    return [words.split("\n")[0] for words in page.locator("[data-stop] .name").all_inner_texts()]


def see(page: Page, names: list[str]) -> None:
    """Waits until these are the stops, in this order."""
    expect(page.locator("[data-stop] .name")).to_have_text([re.compile("^" + re.escape(one)) for one in names])


def test_anyone_in_two_keystrokes(page: Page, server: Live) -> None:
    sign_in(page, server, "organiser")
    page.goto("/equipe/")
    page.get_by_label("Trouver quelqu’un").press_sequentially("fo")
    expect(page.locator("#resultats")).to_contain_text("Fonderie de la Morge")
    expect(page).to_have_url(re.compile("/equipe/$"))
    page.get_by_label("Trouver quelqu’un").fill("")
    expect(page.locator("#resultats")).to_be_empty()


def test_a_list_answers_while_typing_and_keeps_its_address(page: Page, server: Live) -> None:
    sign_in(page, server, "organiser")
    page.goto("/equipe/entreprises/")
    page.get_by_label("Nom, quartier ou contact").press_sequentially("fonderie de")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=fonderie"))
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Tout cocher").check()
    expect(page.locator("tbody input:checked")).to_have_count(1)


def test_stops_move_by_button_and_by_hand_and_are_kept(page: Page, server: Live) -> None:
    page.emulate_media(reduced_motion="reduce")  # no smooth scrolling under the hand
    sign_in(page, server, "organiser")
    page.goto(LOOP)
    before = stops(page)
    page.get_by_role("button", name=f"Descendre {before[1]}").click()
    moved = [before[0], before[2], before[1], *before[3:]]
    see(page, moved)
    expect(page.locator("[data-stop][draggable]")).to_have_count(len(before))
    page.locator("[data-stop]").nth(2).drag_to(page.locator("[data-stop]").nth(1), target_position={"x": 5, "y": 3})
    see(page, before)
    last = page.locator("[data-stop]").nth(2)
    last.drag_to(page.locator("[data-stop]").nth(1), target_position={"x": 5, "y": 3})
    see(page, moved)
    page.get_by_role("button", name="Voir le tracé").click()
    see(page, moved)
    page.get_by_role("button", name="Enregistrer le parcours").click()
    expect(page.get_by_text("Parcours enregistré et tracé.")).to_be_visible()
    see(page, moved)
    page.get_by_role("button", name=f"Monter {before[1]}").click()
    see(page, before)
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer le parcours").click()
    page.goto(LOOP)
    see(page, before)


def test_a_loop_is_made_on_its_map(page: Page, server: Live) -> None:
    """A company picked, a street made a way-point, the point dragged, then moved by the arrow keys."""

    def tokens() -> list[str]:
        expect(page.locator(".atlas[data-ready]")).to_be_visible()
        return page.locator("[data-stop] input[name=stop]").evaluate_all("all => all.map(one => one.value)")

    page.emulate_media(reduced_motion="reduce")
    sign_in(page, server, "organiser")
    page.goto(LOOP)
    before = tokens()
    page.locator(".pin-company:not(.pin-heap)").first.click()
    page.get_by_role("button", name=re.compile("^Ajouter au parcours")).click()
    expect(page.locator("[data-stop]")).to_have_count(len(before) + 1)
    grown = tokens()
    assert grown[:-1] == before
    board = page.locator(".folium-map")
    board.scroll_into_view_if_needed()
    globals_ = json.loads(page.locator("[data-globals]").get_attribute("data-globals") or "")
    at = page.evaluate("map => globalThis[map].latLngToContainerPoint([46.2349, 7.3905])", globals_["map"])
    board.click(position={"x": at["x"], "y": at["y"]})
    page.get_by_role("button", name="Ajouter au parcours").click()
    expect(page.locator("[data-stop]")).to_have_count(len(before) + 2)
    [point] = [one for one in tokens() if one.startswith("w")]
    pin = page.locator(".pin-via")
    pin.scroll_into_view_if_needed()
    box = pin.bounding_box()
    assert box
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(box["x"] + 52, box["y"] + 42, steps=6)
    page.mouse.up()
    expect(page.locator(f"[data-stop] input[value='{point}']")).to_have_count(0)
    [dragged] = [one for one in tokens() if one.startswith("w")]
    page.locator(".pin-via").focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-stop] input[value='{dragged}']")).to_have_count(0)
    [moved] = [one for one in tokens() if one.startswith("w")]
    assert round(float(dragged.split(",")[1]) - float(moved.split(",")[1]), 5) == pytest.approx(0.00045, abs=2e-5)
    assert violations(page) == []


def test_without_a_script_everything_still_works(open_page: OpenPage, server: Live) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    sign_in(page, server, "organiser")
    page.goto("/equipe/")
    page.get_by_label("Trouver quelqu’un").fill("fo")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("#resultats")).to_contain_text("Fonderie de la Morge")
    page.goto(LOOP)
    before = stops(page)
    page.get_by_role("button", name=f"Retirer {before[2]}").click()
    see(page, before[:2] + before[3:])
    page.get_by_label("Ajouter une étape").select_option(label=before[2])
    page.get_by_role("button", name="Ajouter", exact=True).click()
    see(page, [*before[:2], *before[3:], before[2]])
    page.goto(LOOP)
    see(page, before)


def test_a_company_is_added_from_a_phone(phone: Page, server: Live) -> None:
    sign_in(phone, server, "organiser")
    phone.goto("/equipe/")
    phone.get_by_role("link", name="Entreprises", exact=True).first.click()
    phone.get_by_role("link", name="Ajouter une entreprise").click()
    phone.get_by_label("Nom de l’entreprise").fill("Scierie du Rhône")
    phone.get_by_label("Où, à peu près").select_option("Champsec")
    phone.get_by_label("Adresse e-mail de son contact").fill("scierie@exemple.ch")
    phone.get_by_text("L’inviter tout de suite").click()
    phone.get_by_role("button", name="Ajouter l’entreprise").click()
    expect(phone.get_by_text("L’invitation part à scierie@exemple.ch.")).to_be_visible()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    phone.goto("/equipe/entreprises/?etat=draft")
    expect(phone.locator("tbody tr")).to_have_count(1)
