"""The public pages in a real Chromium: light, never wider than the screen, alive, and whole without a script."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

import config
from nuit import create_app
from nuit.actions.booking import Wanted, book
from nuit.planning.evening import Person
from nuit.queries.edition import current_edition
from tests.browser.conftest import weigh
from tests.live import Live

OpenPage = Callable[..., Page]
PAGES = [
    "/",
    "/entreprises",
    "/entreprises?fauteuil=1&age=0&langue=en&places=6",
    "/metiers",
    "/infos",
    "/infos/donnees",
]
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest("svg, .hush, .skip, .leaflet-container, .scroll"))
  .map(one => one.tagName + " " + one.className + " " + one.textContent.trim().slice(0, 40))"""


def a_company(page: Page) -> str:
    """The address of one company, without its language."""
    page.goto("/fr/entreprises")
    address = page.locator("#resultats h3 a").first.get_attribute("href")
    assert address is not None
    return address.removeprefix("/fr")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "de"])
def test_nothing_is_wider_than_a_small_phone(open_page: OpenPage, lang: str) -> None:
    page = open_page(viewport={"width": 320, "height": 700})
    for address in [*PAGES, a_company(page), "/nulle-part"]:
        page.goto(f"/{lang}{address}")
        assert page.evaluate(TOO_WIDE) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


@pytest.mark.browser
def test_a_cold_first_page_is_light(open_page: OpenPage) -> None:
    """Everything that travels, headers included, both fonts with it."""
    page = open_page(viewport={"width": 390, "height": 844})
    sizes = weigh(page)
    page.goto("/fr/", wait_until="networkidle")
    fonts = page.evaluate("document.fonts.size && [...document.fonts].filter(one => one.status === 'loaded').length")
    assert fonts == 2
    assert len(sizes) <= 7
    assert sum(sizes.values()) <= 60_000


@pytest.mark.browser
def test_a_choice_is_answered_in_place_and_survives_a_reload(page: Page) -> None:
    page.goto("/fr/entreprises")
    lines = page.locator("#resultats .lines > li")
    everybody = lines.count()
    page.get_by_label("Langue de la visite").focus()
    page.get_by_label("Langue de la visite").select_option("en")
    expect(page.locator(".chips")).to_contain_text("Anglais")
    expect(page).to_have_url(re.compile("[?&]langue=en(&|$)"))
    fewer = lines.count()
    assert 0 < fewer < everybody
    expect(page.get_by_label("Langue de la visite")).to_be_focused()
    page.reload()
    expect(lines).to_have_count(fewer)
    expect(page.get_by_label("Langue de la visite")).to_have_value("en")
    page.locator(".chips a").first.click()
    expect(lines).to_have_count(everybody)


@pytest.mark.browser
def test_typing_searches_without_the_button(page: Page) -> None:
    page.goto("/fr/entreprises")
    name = page.locator("#resultats h3 a").nth(3).inner_text()
    page.get_by_label("Nom, quartier ou métier").press_sequentially(name.upper())
    expect(page.locator("#resultats h3 a")).to_have_text([name])


@pytest.mark.browser
def test_without_a_script_the_form_does_the_same(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/fr/entreprises")
    expect(page.get_by_role("button", name="Autour de moi")).to_be_hidden()
    expect(page.get_by_role("button", name="Changer le contraste")).to_be_hidden()
    page.get_by_label("Places libres").select_option("6")
    page.get_by_role("button", name="Chercher").click()
    expect(page).to_have_url(re.compile("[?&]places=6(&|$)"))
    expect(page.locator(".chips")).to_contain_text("pour 6 personnes")


@pytest.mark.browser
def test_my_position_is_asked_for_rounded_and_orders_by_distance(open_page: OpenPage) -> None:
    page = open_page(
        viewport={"width": 1280, "height": 900},
        geolocation={"longitude": 7.359123, "latitude": 46.227456},
        permissions=["geolocation"],
    )
    page.goto("/fr/entreprises")
    page.get_by_role("button", name="Autour de moi").click()
    expect(page.locator(".chips")).to_contain_text("Ma position")
    expect(page).to_have_url(re.compile("pres=ici"))
    query = parse_qs(urlsplit(page.url).query)
    assert (query["lon"], query["lat"], query["pres"]) == (["7.359"], ["46.227"], ["ici"])
    shown = page.locator("#resultats .lines .num").all_inner_texts()
    metres = [float(re.sub(r"[^\d,]", "", one).replace(",", ".")) * (1000 if "km" in one else 1) for one in shown]
    assert metres == sorted(metres)


@pytest.mark.browser
def test_the_countdown_counts_where_a_script_runs(page: Page) -> None:
    page.goto("/fr/")
    box = page.locator("[data-countdown]")
    left = page.evaluate("one => (Date.parse(one.dataset.countdown) - Date.now()) / 60000", box.element_handle())
    days = int(box.locator("[data-days]").inner_text())
    assert days == int(left // 1440)


@pytest.mark.browser
def test_places_change_on_an_open_page(page: Page, server: Live) -> None:
    """Somebody books elsewhere; the page that is looked at again shows it without a reload."""
    page.goto("/fr" + a_company(page))
    slot = page.locator("button.slot").first
    before = int(re.sub(r"\D", "", slot.locator(".tag").inner_text()))
    book_elsewhere(server, int(slot.get_attribute("value") or 0))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(slot.locator(".tag")).to_have_text(re.compile(rf"\b{before - 1}\b"))


def book_elsewhere(server: Live, slot: int) -> None:
    """One place of that departure, booked in this process on the night's own database."""
    database = config.database_url(server.env.get("DATABASE_URL"), server.folder)
    with create_app({"NUIT_INSTANCE": server.folder, "SQLALCHEMY_DATABASE_URI": database}).app_context():
        night = current_edition()
        assert night is not None
        party = (Person("Anne", "18+"),)
        wanted = Wanted(name="Anne", email="anne@exemple.ch", locale="fr", mode="foot", party=party, slots=(slot,))
        book(night, wanted, now=datetime.now(UTC))


@pytest.mark.browser
def test_the_contrast_stays_as_chosen(page: Page) -> None:
    page.goto("/fr/")
    page.get_by_role("button", name="Changer le contraste").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/fr/metiers")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.context.cookies() == []
