"""The company desk in a real Chromium: ten minutes on a phone, without a script too, and on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.live import Live

OpenPage = Callable[..., Page]
HOST = "verrerie-de-chandoline"
DESK = f"/espace/{HOST}"
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def desk(server: Live, phone: Page) -> Page:
    """The overview of a company on its contact's phone."""
    sign_in(phone, server, "host", HOST)
    expect(phone).to_have_url(server.url + DESK)
    return phone


@pytest.mark.browser
def test_ten_minutes_on_a_phone(desk: Page) -> None:
    """A new visit, its departures in a row, one of them closed; then the page says it."""
    desk.get_by_role("link", name="Visites", exact=True).click()
    desk.get_by_role("link", name="Ajouter une visite").click()
    desk.locator("#title-fr").fill("Souffler une bulle")
    desk.locator(".tongue label", has_text="Deutsch").click()
    expect(desk.locator("#title-fr")).to_be_hidden()
    desk.locator("#title-de").fill("Eine Blase blasen")
    expect(desk.locator("#conditions-min_age-value")).to_be_hidden()
    desk.locator("label", has_text="Âge minimum").click()
    desk.locator("#conditions-min_age-value").fill("8")
    desk.get_by_role("button", name="Ajouter la visite").click()
    expect(desk.get_by_role("status")).to_contain_text("Visite ajoutée")

    desk.get_by_label("Premier départ").fill("1730")
    desk.get_by_label("Dernier départ").fill("22:00")
    desk.get_by_role("button", name="Voir les heures").click()
    expect(desk.locator(".hours .tick")).to_have_count(10)
    desk.locator(".hours .tick", has_text="19:30").click()
    desk.get_by_role("button", name="Ajouter ces départs").click()
    expect(desk.get_by_role("status")).to_contain_text("9 départs ajoutés")

    desk.locator(".lines > li", has_text="20:00").get_by_role("link", name="Changer").click()
    desk.get_by_role("button", name="Fermer à la réservation").click()
    expect(desk.locator(".lines > li", has_text="20:00")).to_contain_text("Fermé")
    assert desk.evaluate(TOO_WIDE) <= 0


@pytest.mark.browser
def test_without_a_script_everything_is_there(server: Live, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    sign_in(page, server, "host", HOST)
    page.goto(f"{DESK}/presentation")
    before = float(page.locator("#lon").input_value())
    with page.expect_navigation():
        page.locator(".pinpoint input:visible").click(position={"x": 240, "y": 120})
    east = float(page.locator("#lon").input_value()) - before
    assert 0.0045 < east < 0.0060  # 80 of 320 pixels are 400 m
    page.locator("#near").select_option("Champsec")
    with page.expect_navigation():
        page.get_by_role("button", name="S’y placer").click()
    expect(page.locator("#lon")).to_have_value("7.38120")
    expect(page.locator("#lat")).to_have_value("46.23000")
    rows = page.locator(".entry").count()
    with page.expect_navigation():
        page.get_by_role("button", name="Ajouter un engagement").click()
    expect(page.locator(".entry")).to_have_count(rows + 1)
    page.locator("#address").fill("")
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer la page").click()
    expect(page).to_have_title("Erreur : Votre page · La nuit de l’industrie".replace(" :", "\u00a0:"))
    page.get_by_role("alert").get_by_role("link", name="Rue et numéro").click()
    expect(page.locator("#address")).to_be_in_viewport()
    expect(page.locator("#lon")).to_have_value("7.38120")


@pytest.mark.browser
def test_cancelling_shows_its_effect_first(desk: Page) -> None:
    desk.locator(".lines h3 a").first.click()
    hour = desk.locator("h1").inner_text()[-5:]
    desk.get_by_role("link", name="Voir l’effet d’une annulation").click()
    expect(desk.locator("h1")).to_contain_text(hour)
    expect(desk.get_by_role("button", name="Annuler")).to_be_visible()
    desk.get_by_role("link", name="Garder ce départ").click()
    expect(desk.get_by_role("button", name="Fermer à la réservation")).to_be_visible()


@pytest.mark.browser
def test_the_sheet_on_paper(desk: Page) -> None:
    address = desk.locator(".lines h3 a").first.get_attribute("href")
    assert address is not None
    desk.goto(f"{DESK}/visiteurs/{address.rsplit('/', 1)[1]}")
    expect(desk.get_by_role("button", name="Imprimer")).to_be_visible()
    desk.emulate_media(media="print")
    for gone in (".tabs", ".foot", ".bar", ".btn"):
        expect(desk.locator(gone).first).to_be_hidden()
    expect(desk.locator("h1")).to_be_visible()


@pytest.mark.browser
def test_a_phone_is_paired_from_the_desk(desk: Page) -> None:
    desk.goto(f"{DESK}/porte")
    desk.get_by_role("button", name="Afficher un code d’appairage").click()
    code = desk.locator(".ticket .num").inner_text().replace(" ", "")
    answer = desk.request.post("/api/v1/devices", data={"pairing_code": code, "name": "Entrée nord"})
    assert answer.status == 201
    desk.get_by_role("link", name="C’est fait").click()
    expect(desk.locator(".lines h3")).to_have_text(["Entrée nord"])
    desk.get_by_role("button", name="Couper").click()
    expect(desk.locator(".lines .tag")).to_have_text(["Coupé"])
    token = answer.json()["device_token"]
    refused = desk.request.get("/api/v1/door/roster", headers={"Authorization": f"Bearer {token}"})
    assert refused.status == 401


def letter_to(page: Page, address: str, wanted: str) -> str:
    """The newest letter to this address whose subject holds `wanted`, in the mailbox of the example night; its page."""
    for _attempt in range(160):
        page.goto("/demo/messages")
        found = page.locator("li", has_text=address).filter(has_text=wanted)
        if found.count():
            return str(found.first.locator("a").first.get_attribute("href"))
        page.wait_for_timeout(250)
    raise AssertionError(page.locator("main").inner_text())


@pytest.mark.browser
def test_from_the_invitation_to_a_page_that_is_ready(server: Live, open_page: OpenPage) -> None:
    """An organiser adds a name and an address; its contact does the rest with a thumb, in German."""
    small = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    organiser = open_page(**small)
    sign_in(organiser, server, "organiser")
    organiser.goto("/equipe/entreprises/ajouter")
    organiser.locator("#name").fill("Giesserei Beispiel")
    organiser.locator("#contact").fill("leo@beispiel.ch")
    organiser.locator("#locale").select_option("de")
    organiser.locator("label", has_text="L’inviter tout de suite").click()
    organiser.get_by_role("button", name="Ajouter l’entreprise").click()
    expect(organiser.get_by_role("status").first).to_contain_text("leo@beispiel.ch")

    phone = open_page(**small)
    phone.goto(letter_to(phone, "leo@beispiel.ch", "Ihre Seite in zehn Minuten"))
    phone.goto(str(phone.locator("[data-plain] a").first.get_attribute("href")))
    expect(phone.locator("#email")).to_have_value("leo@beispiel.ch")
    phone.get_by_role("button", name="Link erhalten").click()
    typing = phone.context.new_page()
    typing.goto(letter_to(typing, "leo@beispiel.ch", "Ihr Code"))
    code = "".join(one for one in typing.locator("h1").inner_text() if one.isdigit())
    phone.locator("#code").fill(code)
    phone.locator("main form button").first.click()

    expect(phone.locator("h1")).to_have_text("Wer Sie sind")
    phone.locator("#summary-de").fill("Wir giessen vor Ihren Augen.")
    onwards = phone.get_by_role("button", name="Speichern und weiter")
    onwards.click()
    phone.locator("#address").fill("Beispielstrasse 1")
    phone.locator("#town").fill("Sitten")
    phone.locator("#near").select_option("Champsec")
    phone.locator("button[value=near]").click()
    phone.locator(".pinpoint input:visible").click(position={"x": 200, "y": 100})
    phone.locator("#access-de").fill("Blaues Tor, klingeln.")
    onwards.click()
    phone.locator("#title-de").fill("Einen Barren giessen")
    onwards.click()
    phone.locator("#first").fill("1800")
    phone.locator("#last").fill("20:00")
    phone.locator("main button[value=preview]:visible").last.click()
    phone.locator("button[value=add]").click()
    expect(phone.locator("[aria-current=step]")).to_contain_text("Für wen")
    phone.locator("label", has_text="Keine Bedingung").click()
    assert phone.evaluate(TOO_WIDE) <= 0
    phone.get_by_role("button", name="Speichern und abschliessen").click()
    phone.locator("form[action$=proposer] button").click()
    expect(phone.locator("h1")).to_contain_text("5")
    assert phone.evaluate(TOO_WIDE) <= 0
