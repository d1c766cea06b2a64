"""Maps in a real Chromium without internet: drawn over our own ground, reached by keyboard, and deaf to hostile names."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import config
from nuit import create_app
from nuit.db import db, transaction
from nuit.models import Company, Edition, FestivalItem, Host, Route
from tests.browser.conftest import until, weigh
from tests.live import Live, night

OpenPage = Callable[..., Page]
HOSTILE = "${window.__xss=1}</script><img src=x onerror=window.__xss=1>\"'`\\ & fils"
PAGES = ["/carte", "/parcours", "/parcours/du-cuivre-a-l-aluminium", "/festival"]
MAPS = ["/carte", "/parcours/du-cuivre-a-l-aluminium", "/festival"]
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest("svg, .hush, .past, .leaflet-container, .scroll"))
  .map(one => one.tagName + " " + one.className)"""


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A night of our own, in which one company, one loop and one item of the festival bear hostile names."""
    folder = tmp_path_factory.mktemp("maps")
    live = night(folder, database_url="")
    live.chore("programme", "example")
    _spoil(folder)
    live.start()
    yield live
    assert live.stop() == 0, live.log


def _spoil(folder: Path) -> None:
    app = create_app({"NUIT_INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": config.database_url("", folder)})
    with app.app_context(), transaction():
        db.session.query(Company).filter_by(slug="fonderie-de-la-morge").one().name = HOSTILE
        db.session.query(Route).filter_by(slug="uvrier-et-la-borgne").one().name = {"fr": HOSTILE}
        item = db.session.query(FestivalItem).filter_by(slug="atelier-velo-ouvert").one()
        item.title, item.place = {"fr": HOSTILE}, {"fr": HOSTILE}
        db.session.query(Host).join(Company).filter(Company.slug == "fonderie-de-la-morge").one().district = HOSTILE
        db.session.query(Edition).one().revision += 1


def at_map(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector(".atlas[data-ready]")
    return page


def places(page: Page) -> int:
    """How many places the pins stand for, those in heaps counted one by one."""
    heaps = page.locator(".leaflet-marker-pane .pin-heap .dot").all_inner_texts()
    return sum(map(int, heaps)) + page.locator(".leaflet-marker-pane .pin:not(.pin-heap)").count()


@pytest.mark.browser
@pytest.mark.parametrize("address", MAPS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_map_is_drawn_without_internet(open_page: OpenPage, address: str, scheme: str) -> None:
    """Ground, names, pins and rides; no violation of the policy and no request outside but the refused tiles."""
    page = at_map(open_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme), f"/fr{address}")
    for kind in ("base", "river", "railway", "primary"):
        expect(page.locator(f".leaflet-ground-pane .g-{kind}").first).to_be_attached()
    expect(page.locator(".leaflet-labels-pane .name span", has_text="Sion").first).to_be_visible()
    expect(page.locator(".leaflet-marker-pane .pin").nth(2)).to_be_visible()
    fill = {"light": "rgb(165, 201, 238)", "dark": "rgb(11, 63, 112)"}[scheme]
    expect(page.locator(".g-river").first).to_have_css("fill", fill)
    expect(page.get_by_text("Schéma approximatif")).to_be_visible()
    expect(page.get_by_role("link", name="© OpenStreetMap contributors")).to_be_visible()


@pytest.mark.browser
def test_the_ground_follows_the_theme_of_the_page(page: Page) -> None:
    at_map(page, "/fr/carte")
    page.get_by_role("button", name="Changer le contraste").click()
    expect(page.locator(".g-river").first).to_have_css("fill", "rgb(11, 63, 112)")


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["company", "heap"])
def test_pins_are_reached_opened_and_left_by_keyboard(page: Page, kind: str) -> None:
    at_map(page, "/fr/carte")
    page.locator(".leaflet-container").focus()
    focused = page.locator(":focus")
    for _ in range(60):
        page.keyboard.press("Tab")
        if f"pin-{kind}" in (focused.get_attribute("class") or ""):
            break
    assert focused.get_attribute("role") == "button"
    label = focused.get_attribute("aria-label")
    assert label
    for key in ("Enter", " "):
        page.keyboard.press(key)
        popup = page.get_by_role("dialog", name="Plusieurs lieux" if kind == "heap" else label.split(",")[0])
        expect(popup).to_be_visible()
        expect(popup.get_by_role("link").first).to_be_focused()
        expect(popup.get_by_role("button", name="Fermer")).to_be_visible()
        if kind == "heap":
            assert label.split(", ")[2:] == popup.locator("li > :first-child").all_inner_texts()
        page.keyboard.press("Escape")
        expect(popup).to_be_hidden()
        expect(focused).to_have_attribute("aria-label", label)


@pytest.mark.browser
def test_a_popup_says_what_the_list_says(page: Page) -> None:
    at_map(page, "/fr/carte")
    row = page.locator("[data-pin]").filter(has_text="Béton Second")
    hour, left = row.locator("time").inner_text(), row.locator("[data-live] .tag").inner_text()
    row.get_by_role("link", name="Sur la carte").click()
    popup = page.get_by_role("dialog", name="Béton Second")
    expect(popup).to_contain_text(hour)
    expect(popup).to_contain_text(left)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_every_place_is_on_the_map_and_none_hides_another(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900}, has_touch=width < 500, is_mobile=width < 500)
    at_map(page, "/fr/carte")
    expect(page.locator("[data-pin]")).to_have_count(26)
    until(page, lambda: places(page), 26 + 6 + 1)
    middles = page.locator(".leaflet-marker-pane .pin").evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })"
    )
    for number, (x, y) in enumerate(middles):
        assert all(max(abs(x - u), abs(y - v)) >= 24 for u, v in middles[:number])
    while page.get_by_role("button", name="Agrandir").get_attribute("aria-disabled") != "true":
        page.get_by_role("button", name="Agrandir").click()
        page.wait_for_timeout(300)
    until(page, lambda: places(page), 26 + 6 + 1)
    expect(page.locator(".leaflet-marker-pane .pin-heap").nth(1)).to_have_count(0)


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/carte?entreprise=fonderie-de-la-morge", *PAGES, "/parcours/uvrier-et-la-borgne"])
def test_hostile_names_are_words(page: Page, address: str) -> None:
    page.goto(f"/fr{address}")
    if page.locator(".atlas").count():
        page.wait_for_selector(".atlas[data-ready]")
        for one in page.locator(".leaflet-marker-pane .pin").all():
            one.evaluate(
                "one => { one.focus(); one.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true })); }"
            )
    assert page.evaluate("window.__xss") is None
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.browser
def test_a_deep_link_opens_its_company(page: Page) -> None:
    at_map(page, "/fr/carte?entreprise=fonderie-de-la-morge")
    popup = page.locator(".leaflet-popup")
    expect(popup.locator(".title")).to_have_text(HOSTILE)
    expect(popup.locator(".note")).to_have_text(HOSTILE)
    assert page.evaluate("window.__xss") is None


@pytest.mark.browser
def test_a_tick_shows_and_hides_a_layer(page: Page) -> None:
    at_map(page, "/fr/carte")
    tick = page.get_by_role("checkbox", name="Entreprises")
    tick.uncheck()
    expect(page.locator(".pin-company")).to_have_count(0)
    until(page, lambda: places(page), 7)
    tick.check()
    until(page, lambda: places(page), 33)
    expect(page.locator(".pin-company:not([aria-label$='laces libres'])")).to_have_count(0)
    rides = page.locator(".ride").first
    expect(rides).to_be_visible()
    page.get_by_role("checkbox", name="Parcours").uncheck()
    expect(rides).to_be_hidden()


@pytest.mark.browser
def test_tiles_lie_over_the_ground_and_below_the_pins_and_the_choice_is_kept(page: Page) -> None:
    at_map(page, "/fr/carte")
    layers = ["ground", "labels", "tile", "overlay", "marker", "popup"]
    order = [
        int(page.locator(f".leaflet-{one}-pane").evaluate("one => getComputedStyle(one).zIndex")) for one in layers
    ]
    assert order == sorted(order)
    expect(page.locator(".leaflet-tile-pane .leaflet-tile").first).to_be_attached()
    page.get_by_role("checkbox", name="Fond swisstopo").uncheck()
    expect(page.locator(".leaflet-tile-pane .leaflet-tile")).to_have_count(0)
    at_map(page, "/fr/carte")
    expect(page.locator(".leaflet-tile-pane .leaflet-tile")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Fond swisstopo")).not_to_be_checked()


@pytest.mark.browser
def test_a_map_never_traps_the_pages_own_scrolling(page: Page, phone: Page) -> None:
    at_map(page, "/fr/festival")
    box = page.locator(".leaflet-container").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    zoom = page.locator(".leaflet-container").get_attribute("data-detail")
    page.mouse.wheel(0, 300)
    expect(page.locator("[data-hint]")).to_be_visible()
    expect(page.locator("[data-hint]")).to_have_text("Ctrl et molette pour agrandir")
    until(page, lambda: page.evaluate("scrollY") > 100, True)
    expect(page.locator(".leaflet-container")).to_have_attribute("data-detail", zoom or "")
    at_map(phone, "/fr/carte")
    touch = phone.locator(".leaflet-container").evaluate("one => getComputedStyle(one).touchAction")
    assert touch == "pan-x pan-y"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "de"])
def test_nothing_is_wider_than_a_small_phone_and_all_is_big_enough_to_touch(open_page: OpenPage, lang: str) -> None:
    page = open_page(viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True)
    for address in PAGES:
        page.goto(f"/{lang}{address}")
        assert page.evaluate(TOO_WIDE) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        if address in MAPS:
            page.wait_for_selector(".atlas[data-ready]")
            small = page.locator(".pin, .leaflet-control-zoom a, .switches label").evaluate_all(
                "all => all.filter(one => one.offsetHeight < 44 || one.offsetWidth < 44).map(one => one.className)"
            )
            assert small == [], address


@pytest.mark.browser
def test_without_a_script_the_list_and_a_picture_remain(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    for address in MAPS:
        page.goto(f"/fr{address}")
        expect(page.locator("noscript .by-jour, .ground.by-jour").first).to_be_visible()
        expect(page.locator(".switches")).to_be_hidden()
    page.goto("/fr/carte")
    expect(page.locator("[data-pin] h3 a")).to_have_count(26)


@pytest.mark.browser
def test_nothing_moves_for_who_wants_no_motion(open_page: OpenPage) -> None:
    page = at_map(open_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce"), "/fr/carte")
    expect(page.locator(".leaflet-zoom-anim, .leaflet-fade-anim")).to_have_count(0)
    page.get_by_role("button", name="Agrandir").click()
    expect(page.locator(".leaflet-container")).to_have_attribute("data-detail", "2")


@pytest.mark.browser
def test_a_cold_map_is_light(open_page: OpenPage) -> None:
    """Everything that travels but tiles, headers included."""
    page = open_page(viewport={"width": 390, "height": 844})
    sizes = weigh(page)
    at_map(page, "/fr/carte").wait_for_load_state("networkidle")
    assert sum(sizes.values()) <= 120_000
    assert len(sizes) <= 17
