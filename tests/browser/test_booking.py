"""An evening in a real Chromium: found, composed, booked, shown, opened from the mail, given back."""

import io
import re
import secrets
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.test_public import TOO_WIDE
from tests.browser.test_screens import violations
from tests.live import Live

OpenPage = Callable[..., Page]
pytestmark = pytest.mark.browser


def compose(page: Page, stops: int, lang: str = "fr") -> None:
    """Chooses so many stops: the first at a company's page, the others from what still fits."""
    page.goto(f"/{lang}/entreprises?places=6")
    page.locator("#resultats h3 a").first.click()
    page.locator("button.slot").first.click()
    page.wait_for_url(f"**/{lang}/soiree*")
    for number in range(2, stops + 1):
        page.locator("form[action$='/soiree/ajouter'] button[name=slot]").nth(number - 2).click()
        expect(page.locator(".evening .stop")).to_have_count(number)


def fill(page: Page, email: str, labels: tuple[str, ...] = ("Anne",)) -> None:
    """Fills the booking form and ticks everything that is asked."""
    for _ in labels[1:]:
        page.get_by_role("button", name=re.compile("Ajouter une personne")).click()
    for at, label in enumerate(labels):
        page.locator(".person input[type=text]").nth(at).fill(label)
    page.locator("#name").fill("Anne Exemple")
    page.locator("#email").fill(email)
    for box in page.locator("input[name=accept]:visible").all():
        box.check()


def send(page: Page) -> None:
    page.locator("form[data-party] button[value=reserver]:visible").last.click()


def letter_to(server: Live, email: str, subject: str = "Votre soirée") -> EmailMessage:
    """The mail that the worker has delivered."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for path in (server.folder / "mail").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if mail["To"] == email and subject in str(mail["Subject"]):
                assert isinstance(mail, EmailMessage)
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail to {email}: {server.log}")


def codes_on(page: Page) -> list[str]:
    """What a camera reads from the tickets on the screen."""
    found = []
    for ticket in page.locator(".ticket").all():
        ticket.scroll_into_view_if_needed()
        picture = Image.open(io.BytesIO(ticket.locator("svg.qr").screenshot()))
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return found


def test_three_stops_for_three_people_on_a_phone(phone: Page, open_page: OpenPage, server: Live) -> None:
    compose(phone, 3)
    phone.get_by_role("link", name=re.compile("Réserver pour")).click()
    fill(phone, "trois@exemple.ch", ("Anne", "Karim", "Lou"))
    expect(phone.locator("[data-size]")).to_have_text(re.compile("Réserver pour 3 personnes"))
    send(phone)
    phone.wait_for_url("**/ma-soiree/N-*")
    expect(phone.locator(".evening .stop")).to_have_count(3)
    expect(phone.locator(".beam time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    codes = codes_on(phone)
    assert len(set(codes)) == 4
    assert all(re.fullmatch(rf"{server.url}/T/[A-Z2-7]{{138}}".upper(), code) for code in codes)

    mail = letter_to(server, "trois@exemple.ch")
    picture = next(part for part in mail.walk() if part["Content-ID"] == "<qr@nuit>").get_content()
    assert [one.text for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))] == codes[:1]
    html = mail.get_body(("html",))
    assert html is not None
    link = re.findall(r'href="([^"]+/ouvrir\?cle=[0-9a-f]+)"', unescape(html.get_content()))[0]
    elsewhere = open_page(viewport={"width": 1280, "height": 900})
    elsewhere.goto(link)
    assert elsewhere.url == phone.url
    assert codes_on(elsewhere) == codes

    stranger = open_page()
    stranger.goto(codes[1].replace("HTTP://", "http://"))
    expect(stranger.locator("h1")).to_have_text("Billet de la nuit")
    expect(stranger.locator("main")).not_to_contain_text("Anne")
    elsewhere.goto(codes[1].replace("HTTP://", "http://"))
    elsewhere.get_by_role("link", name=re.compile("Ouvrir ma soirée")).click()
    expect(elsewhere).to_have_url(phone.url)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_double_click_books_once(open_page: OpenPage, server: Live, scripted: bool) -> None:
    page = open_page(java_script_enabled=scripted)
    compose(page, 1)
    page.goto("/fr/reservation")
    email = f"double{scripted}@exemple.ch".lower()
    fill(page, email)
    page.locator("form[data-party] button[value=reserver]").last.dblclick()
    page.wait_for_url("**/ma-soiree/N-*")
    page.go_back()
    page.goto("/fr/ma-soiree?toutes=1")
    expect(page.locator("h3 a[href*='/ma-soiree/N-']")).to_have_count(1)
    time.sleep(1.5)
    letter_to(server, email)
    names = [path.name for path in (server.folder / "mail").glob("*.eml") if email.encode() in path.read_bytes()]
    assert len(names) == 1


def test_everything_works_without_a_script(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    compose(page, 2)
    page.locator("#personnes").select_option("2")
    page.get_by_role("button", name="Recalculer").click()
    page.get_by_role("link", name=re.compile("Réserver pour 2")).click()
    expect(page.locator(".person")).to_have_count(2)
    page.locator("#name").fill("Anne Exemple")
    page.get_by_role("button", name=re.compile("Ajouter une personne")).click()
    expect(page.locator(".person")).to_have_count(3)
    page.get_by_role("button", name="Enlever cette personne").nth(1).click()
    expect(page.locator(".person")).to_have_count(2)
    expect(page.locator("#name")).to_have_value("Anne Exemple")
    fill(page, "sans-script@exemple.ch")
    send(page)
    page.wait_for_url("**/ma-soiree/N-*")
    page.locator("details.giving summary").first.click()
    page.get_by_role("button", name=re.compile("Rendre cette visite pour tous")).first.click()
    expect(page.locator(".evening .stop")).to_have_count(1)
    page.get_by_role("link", name="Rendre toute la soirée").click()
    page.get_by_role("button", name="Tout rendre").click()
    expect(page.locator("main")).to_contain_text("Cette soirée est rendue.")


def test_enter_in_a_field_books_and_adds_nobody(page: Page) -> None:
    compose(page, 1)
    page.goto("/fr/reservation")
    fill(page, "entree@exemple.ch")
    page.locator("#email").press("Enter")
    page.wait_for_url("**/ma-soiree/N-*")


def test_people_who_join_and_leave_keep_their_names(page: Page) -> None:
    compose(page, 1)
    page.goto("/fr/reservation")
    fill(page, "groupe@exemple.ch", ("Anne", "Karim", "Lou", "Mia"))
    page.get_by_role("button", name="Enlever cette personne").nth(1).click()
    expect(page.locator("[data-number]")).to_have_text(["1", "2", "3"])
    for at, label in enumerate(("Anne", "Lou", "Mia")):
        expect(page.locator(".person input[type=text]").nth(at)).to_have_value(label)
    send(page)
    page.wait_for_url("**/ma-soiree/N-*")
    expect(page.locator(".ticket h3")).to_have_text(["Tout le groupe", "Anne", "Lou", "Mia"])


def is_booked(page: Page, slot: str, size: int) -> bool:
    """Another browser books so many places of this slot; False when they are not to be had."""
    page.request.post("/fr/soiree/ajouter", form={"slot": slot})
    page.goto("/fr/reservation")
    fill(page, f"{secrets.token_hex(6)}@exemple.ch", ("P",) * size)
    with page.expect_navigation():
        send(page)
    return "/ma-soiree/" in page.url


def test_a_place_taken_meanwhile_offers_another_hour_and_loses_nothing(open_page: OpenPage) -> None:
    mine = open_page(viewport={"width": 390, "height": 844})
    compose(mine, 1)
    mine.goto("/fr/reservation")
    slot = mine.locator("#creneaux").input_value()
    fill(mine, "lente@exemple.ch", ("Anne", "Karim"))
    for size in (6, 1):
        while is_booked(open_page(), slot, size):
            pass
    send(mine)
    expect(mine.locator("[role=alert]")).to_contain_text("Rien n’est encore réservé.")
    assert mine.title().startswith("Erreur")
    assert violations(mine) == []
    mine.locator(f".slot[value^='echanger-{slot}-']").first.click()
    expect(mine.locator("[role=alert]")).to_have_count(0)
    for at, label in enumerate(("Anne", "Karim")):
        expect(mine.locator(".person input[type=text]").nth(at)).to_have_value(label)
    send(mine)
    mine.wait_for_url("**/ma-soiree/N-*")


@pytest.mark.parametrize("lang", ["fr", "de", "en"])
def test_the_pages_of_an_evening_are_accessible_and_narrow(open_page: OpenPage, lang: str) -> None:
    page = open_page(viewport={"width": 320, "height": 700}, color_scheme="dark", reduced_motion="reduce")
    compose(page, 3, lang)
    wrong = []

    def look(name: str) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            # Pins of near doors may lie on one another: each stop is also a link of its own (WCAG 2.5.8, equivalent).
            found = [line for line in violations(page) if not ("target-size" in line and "leaflet-marker" in line)]
            wrong.extend(f"{name} {scheme}: {line}" for line in found)
        if page.evaluate("document.scrollingElement.scrollWidth") > 320:
            wrong.extend(f"{name} is too wide: {line}" for line in page.evaluate(TOO_WIDE))

    look("compose")
    page.goto(f"/{lang}/reservation")
    look("new")
    send(page)
    expect(page.locator("[role=alert]")).to_be_visible()
    look("errors")
    page.locator("#name").fill("x" * 120)
    page.locator("#email").fill(f"acces-{lang}@exemple.ch")
    page.locator(".person input[type=text]").first.fill("Donaudampfschifffahrtsgesellschaftskapitän")
    for box in page.locator("input[name=accept]:visible").all():
        box.check()
    send(page)
    page.wait_for_url("**/ma-soiree/N-*")
    page.locator("details.giving summary").first.click()
    look("show")
    page.goto(page.url + "/rendre")
    look("confirm")
    page.goto(f"/{lang}/ma-soiree?toutes=1")
    look("mine")
    assert wrong == []
