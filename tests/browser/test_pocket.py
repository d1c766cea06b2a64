"""Ma soirée without a network: kept when it is opened, shown by the hour, renewed, and forgotten when one says so."""

import io
import re
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.test_booking import compose, fill, send
from tests.browser.test_screens import violations
from tests.live import Live

pytestmark = pytest.mark.browser
KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const one of await cache.keys()) found[new URL(one.url).pathname] = await (await cache.match(one)).text();
  }
  return found;
}"""
OFFLINE = "ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def phone(server: Live, browser: Browser) -> Iterator[BrowserContext]:
    """A phone that may lose its network; what its pages say wrong must be nothing but that loss."""
    context = browser.new_context(
        base_url=server.url, locale="fr-CH", timezone_id="Europe/Zurich", viewport={"width": 390, "height": 844},
        has_touch=True, is_mobile=True,
    )  # fmt: skip
    said: list[str] = []
    context.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    context.on("weberror", lambda one: said.append(str(one.error)))
    yield context
    context.close()
    assert [line for line in said if OFFLINE not in line] == []


def booked(page: Page, email: str, labels: tuple[str, ...] = ("Anne",)) -> str:
    """Books two stops; the reference, once the phone has kept the evening."""
    compose(page, 2)
    page.goto("/fr/reservation")
    fill(page, email, labels)
    send(page)
    page.wait_for_url(re.compile(r"/fr/ma-soiree/[A-Z0-9-]+$"))
    expect(page.locator("[data-if-kept]").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready")
    return page.url.rsplit("/", 1)[1]


def read_codes(page: Page) -> set[str]:
    """What a scanner reads from the codes on the screen."""
    found = set()
    for code in page.locator(".ticket svg").all():
        image = Image.open(io.BytesIO(code.screenshot()))
        found |= {one.text for one in zxingcpp.read_barcodes(image)}
    return found


def test_an_evening_opens_without_a_network(phone: BrowserContext) -> None:
    page = phone.new_page()
    reference = booked(page, "pocket1@exemple.ch")
    online = read_codes(page)
    phone.set_offline(True)
    page.goto(f"/fr/ma-soiree/{reference}")
    expect(page.get_by_role("heading", level=1)).to_have_text("En route")
    expect(page.locator("[data-step]:visible")).to_have_count(1)
    expect(page.locator("[data-step]:visible .beam .num")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(page.locator("[data-step]:visible svg.legmap")).to_be_visible()
    assert page.locator("[data-step]:visible .told li").count() >= 3
    expect(page.locator(".age")).to_have_text(re.compile(r"^Sans réseau\. Page de \d\d:\d\d, "))
    expect(page.locator("a[href^='tel:']")).to_have_attribute("href", "tel:0270000000")
    assert len(online) == 1
    assert read_codes(page) == online
    page.goto("/fr/ma-soiree")
    expect(page).to_have_url(re.compile(f"/fr/ma-soiree/{reference}/poche$"))


def test_it_renews_itself_and_says_how_old_it_is(phone: BrowserContext) -> None:
    page = phone.new_page()
    reference = booked(page, "pocket2@exemple.ch")
    page.goto(f"/fr/ma-soiree/{reference}/poche")
    expect(page.locator(".age")).to_have_text(re.compile(r"^À jour à \d\d:\d\d$"))
    expect(page.locator("[data-stop]")).to_have_count(2)
    phone.set_offline(True)
    expect(page.locator(".age")).to_have_attribute("data-stale", "")
    phone.set_offline(False)
    expect(page.locator(".age")).not_to_have_attribute("data-stale", "")
    other = phone.new_page()
    other.goto(f"/fr/ma-soiree/{reference}")
    other.locator("details.giving summary").first.click()
    other.get_by_role("button", name=re.compile("Rendre cette visite")).first.click()
    expect(other.get_by_text("C’est rendu.")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-stop]")).to_have_count(1)
    phone.set_offline(True)
    page.reload()
    expect(page.locator("[data-stop]")).to_have_count(1)


def test_the_hour_moves_it_along(phone: BrowserContext) -> None:
    page = phone.new_page()
    reference = booked(page, "pocket3@exemple.ch")
    page.goto(f"/fr/ma-soiree/{reference}/poche")
    expect(page.locator("[data-if-kept]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    hours = page.locator("[data-step]").evaluate_all("all => all.map(one => [one.dataset.leave, one.dataset.starts])")
    phone.set_offline(True)
    show = """([at, address]) => {
      localStorage.setItem(`soiree:${address}`, JSON.stringify({at: Date.now(), ahead: Date.parse(at) - Date.now()}));
      dispatchEvent(new Event("offline"));
    }"""
    address = f"/fr/ma-soiree/{reference}/poche"
    page.evaluate(show, [hours[0][0].replace(":00+", ":30+"), address])
    expect(page.locator("[data-step]:visible")).to_have_attribute("data-starts", hours[0][1])
    expect(page.locator("[data-step]:visible [data-left]")).to_have_text("C’est l’heure")
    page.evaluate(show, [hours[0][1], address])
    expect(page.locator("[data-step]:visible")).to_have_attribute("data-starts", hours[1][1])
    page.evaluate(show, [hours[1][1], address])
    expect(page.locator("[data-step]:visible")).to_have_count(0)
    expect(page.locator("[data-after]")).to_be_visible()


def test_it_keeps_this_party_and_nobody_else_and_forgets(phone: BrowserContext, browser: Browser, server: Live) -> None:
    other = browser.new_context(base_url=server.url, locale="fr-CH")
    stranger = other.new_page()
    booked(stranger, "zorobabel@exemple.ch", ("Zorobabel",))
    other.close()
    page = phone.new_page()
    reference = booked(page, "pocket4@exemple.ch", ("Philomène",))
    kept = page.evaluate(KEPT)
    assert [path for path in kept if path.endswith("/poche")] == [f"/fr/ma-soiree/{reference}/poche"]
    text = "\n".join(kept.values())
    assert "Philomène" in text
    assert [word for word in ("Zorobabel", "pocket4@exemple.ch", "Anne Exemple") if word in text] == []
    page.goto(f"/fr/ma-soiree/{reference}/poche")
    assert violations(page) == []
    page.get_by_role("button", name="Oublier sur ce téléphone").click()
    page.wait_for_url("**/fr/ma-soiree?toutes=1")
    expect(page.get_by_text("Oubliée sur cet appareil.")).to_be_visible()
    assert page.evaluate(KEPT) == {}
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    assert page.request.get(f"/fr/ma-soiree/{reference}").status == 404
    phone.set_offline(True)
    with pytest.raises(Error, match=OFFLINE):
        page.goto(f"/fr/ma-soiree/{reference}")


def test_forgetting_without_a_network_is_finished_when_it_is_back(phone: BrowserContext) -> None:
    page = phone.new_page()
    reference = booked(page, "pocket5@exemple.ch")
    page.goto(f"/fr/ma-soiree/{reference}/poche")
    phone.set_offline(True)
    page.get_by_role("button", name="Oublier sur ce téléphone").click()
    expect(page.locator("main")).to_contain_text("Effacée de ce téléphone.")
    assert page.evaluate(KEPT) == {}
    phone.set_offline(False)
    page.goto(f"/fr/ma-soiree/{reference}")
    page.wait_for_url("**/fr/ma-soiree?toutes=1")
    assert page.request.get(f"/fr/ma-soiree/{reference}").status == 404


def test_another_page_is_not_taken_for_the_evening(phone: BrowserContext) -> None:
    """A hotel's welcome page answers 200 to everything: what is kept stays."""
    page = phone.new_page()
    reference = booked(page, "pocket6@exemple.ch")
    page.goto(f"/fr/ma-soiree/{reference}/poche")
    expect(page.locator("[data-if-kept]")).to_be_visible()
    page.wait_for_load_state("networkidle")
    before = page.evaluate(KEPT)
    page.route("**/poche", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Bienvenue</h1>"))
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".age")).to_have_attribute("data-stale", "")
    assert page.evaluate(KEPT) == before
