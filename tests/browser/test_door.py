"""The door on a phone: a fake camera shows tickets, the network comes and goes, nothing is lost and nobody is named."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

import config
from nuit import create_app
from nuit.actions.device import open_pairing
from nuit.clock import local
from nuit.db import db
from nuit.keys import Keys, manage_token
from nuit.models import Booking, Edition, Host, Scan, Slot, Ticket
from nuit.planning.evening import Person
from nuit.queries.booking import codes_of
from nuit.render.qr import qr_svg
from tests.browser.conftest import FAKE_CAMERA, OpenPage, sign_in
from tests.factories import a_booking
from tests.live import Live, night

pytestmark = pytest.mark.browser
NAMES = ("Philomène", "Tancrède", "Eusèbe")
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WIDTH, HEIGHT, PACE = 640, 480, 10


@dataclass
class Evening:
    """The example night in rehearsal, a few minutes before a departure; bookings are made beside the server."""

    live: Live
    app: Flask
    slot: int
    away: int
    host: str
    company: str
    hour: str

    def book(self, size: int, *slots: int) -> int:
        """A party's id; its people carry the names that must never rest on a phone."""
        party = tuple(Person(NAMES[place % 3], "18+") for place in range(size))
        with self.app.app_context():
            edition = db.session.scalars(select(Edition).where(Edition.is_current)).one()
            chosen = [db.session.get_one(Slot, one) for one in slots or (self.slot,)]
            before = chosen[0].starts_at - timedelta(days=1)
            booking = a_booking(edition, *chosen, now=before, name=f"{NAMES[0]} Exemple", party=party)
            return booking.id

    def address(self, booking: int, person: int) -> str:
        """What a person's QR says."""
        with self.app.app_context():
            found = db.session.get_one(Booking, booking)
            code = codes_of(found, db.session.get_one(Edition, found.edition_id), self.keys, self.live.url)
            return code.people[person].address

    def link(self, booking: int) -> str:
        """The mail's link to the party's page."""
        with self.app.app_context():
            found = db.session.get_one(Booking, booking)
            token = manage_token(self.keys.secret, found.reference, found.epoch)
            return f"/fr/ma-soiree/{found.reference}/ouvrir?cle={token}"

    @property
    def keys(self) -> Keys:
        found: Keys = self.app.extensions["nuit.keys"]
        return found

    def code(self, booking: int, person: int | None = None) -> str:
        with self.app.app_context():
            found = db.session.get_one(Booking, booking)
            return found.code if person is None else found.tickets[person].code

    def scans(self, booking: int) -> list[tuple[str, str, int | None]]:
        """(verdict, given, admit) of each scan of the party, as they came in."""
        with self.app.app_context():
            rows = db.session.scalars(select(Scan).where(Scan.booking_id == booking).order_by(Scan.id))
            return [(one.verdict, one.given, one.admit) for one in rows]

    def pairing(self) -> str:
        with self.app.app_context():
            host = db.session.get_one(Slot, self.slot).host_id
            return open_pairing(host, now=datetime.fromisoformat(self.live.env["NUIT_NOW"]), by=None)[1]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    folder = tmp_path_factory.mktemp("evening")
    live = night(folder)
    live.chore("programme", "example")
    app = create_app(
        {"NUIT_INSTANCE": folder, "NUIT_URL": live.url, "SQLALCHEMY_DATABASE_URI": config.database_url("", folder)}
    )
    with app.app_context():
        edition = db.session.scalars(select(Edition).where(Edition.is_current)).one()
        slots = list(
            db.session.scalars(select(Slot).where(Slot.edition_id == edition.id).order_by(Slot.starts_at, Slot.id))
        )
        slot = next(one for one in slots if one.starts_at >= edition.opens_at + timedelta(hours=1))
        away = next(
            one for one in slots if one.host_id != slot.host_id and one.starts_at > slot.ends_at + timedelta(hours=1)
        )
        host = db.session.get_one(Host, slot.host_id)
        live.env["NUIT_NOW"] = (slot.starts_at - timedelta(minutes=5)).isoformat()
        made = Evening(
            live, app, slot.id, away.id, host.company.slug, host.company.name, local(slot.starts_at).strftime("%H:%M")
        )
        slot.capacity = slot.safety_limit = 60
        db.session.commit()
    live.start()
    yield made
    assert live.stop() == 0, live.log


@pytest.fixture(scope="module")
def server(evening: Evening) -> Live:
    return evening.live


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fake camera shows; written anew by `show` before a page opens it."""
    path = tmp_path_factory.mktemp("film") / "camera.y4m"
    write_film(path, [(None, 1)])
    return path


@pytest.fixture
def browser_flags(film: Path) -> tuple[str, ...]:
    return (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")


def write_film(path: Path, shots: list[tuple[Image.Image | None, float]]) -> None:
    """A Y4M film, 4:2:0, in a loop: each picture for its seconds, None for an empty doorway."""
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{PACE}:1 Ip A1:1 C420jpeg\n".encode())
        for picture, seconds in shots:
            frame = Image.new("RGB", (WIDTH, HEIGHT), (96, 98, 104))
            if picture is not None:
                frame.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
            luma, blue, red = frame.convert("YCbCr").split()
            half = (WIDTH // 2, HEIGHT // 2)
            film.write(
                (b"FRAME\n" + luma.tobytes() + blue.resize(half).tobytes() + red.resize(half).tobytes())
                * int(seconds * PACE)
            )


@dataclass(frozen=True)
class Shown:
    """Something held before the camera: the QR that a booking's page draws (the party's, or a person's), or any text."""

    booking: int = 0
    person: int | None = None
    text: str = ""


def picture_of(page: Page, evening: Evening, shown: Shown) -> Image.Image:
    """The QR as it stands on a screen, photographed and held at an angle."""
    if shown.text:
        page.set_content(f"<body>{qr_svg(shown.text)}</body>")
        code = page.locator("svg")
    else:
        page.goto(evening.link(shown.booking))
        codes = page.locator(".codes .ticket svg")
        of_party = codes.count() > 1
        code = codes.nth(0 if shown.person is None else shown.person + of_party)
    code.evaluate("svg => { svg.setAttribute('width', 360); svg.setAttribute('height', 360); }")
    shot = Image.open(BytesIO(code.screenshot())).convert("RGB")
    size = 360 / max(shot.size)
    return shot.resize((round(shot.width * size), round(shot.height * size))).rotate(
        9, expand=True, fillcolor=(96, 98, 104)
    )


Showing = Callable[..., Page]


@pytest.fixture
def showing(evening: Evening, film: Path, open_page: OpenPage) -> Showing:
    """showing(thing, …): a paired phone whose camera sees these one after another, then an empty doorway."""

    def opened(*things: Shown) -> Page:
        studio = open_page()
        shots: list[tuple[Image.Image | None, float]] = [(picture_of(studio, evening, one), 1.5) for one in things]
        write_film(film, [*shots, (None, 4)])
        page = open_page(**PHONE, permissions=["camera"])
        page.goto(f"/porte#{evening.pairing()}")
        page.get_by_label("Nom de ce téléphone").fill("Entrée nord")
        page.get_by_role("button", name="Relier ce téléphone").click()
        page.wait_for_selector("[data-reading]")
        return page

    return opened


def word(page: Page) -> Any:
    return page.locator("[data-view=verdict]:not([hidden]) [data-word]")


def line(page: Page) -> Any:
    return page.locator("[data-view]:not([hidden]) [data-line-words]")


def forgive_offline(faults: list[str]) -> None:
    """The browser says each request that the cut network refused; anything else stays a fault."""
    faults[:] = [one for one in faults if "ERR_INTERNET_DISCONNECTED" not in one]


def test_the_camera_reads_a_ticket_and_the_counts_move(evening: Evening, showing: Showing) -> None:
    booking = evening.book(1)
    page = showing(Shown(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    assert page.locator("[data-view=verdict]").get_attribute("data-verdict") == "admitted"
    expect(page.locator("[data-view=verdict] [data-big]")).to_have_text(f"Visite de {evening.hour}.")
    page.get_by_role("button", name="Suivant").click()
    expect(page.locator("[data-entered]")).to_have_text("1")
    expect(word(page)).to_have_text("Déjà entré", timeout=20_000)  # the film shows it again
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


def test_without_a_network_the_phone_judges_and_nothing_is_lost(
    evening: Evening, showing: Showing, faults: list[str]
) -> None:
    booking = evening.book(2, evening.slot)
    page = showing()
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.context.set_offline(True)
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    assert page.locator("[data-view=verdict]").get_attribute("data-verdict") == "offline"
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
    forgive_offline(faults)


def test_who_came_in_with_a_network_is_in_without_it(evening: Evening, showing: Showing, faults: list[str]) -> None:
    booking = evening.book(2)
    page = showing()
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.route("**/door/roster*", lambda route: route.abort("internetdisconnected"))
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    assert page.locator("[data-view=verdict]").get_attribute("data-verdict") == "admitted"
    page.context.set_offline(True)
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Déjà entré")
    type_code(page, evening.code(booking, 1))
    expect(word(page)).to_have_text("Entrez")
    assert page.locator("[data-view=verdict]").get_attribute("data-verdict") == "offline"
    forgive_offline(faults)


def test_a_scan_goes_to_the_door_it_was_made_at(
    evening: Evening, open_page: OpenPage, film: Path, faults: list[str]
) -> None:
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
    forgive_offline(faults)


def test_a_ticket_newer_than_the_list_is_the_volunteers_to_decide(
    evening: Evening, showing: Showing, faults: list[str]
) -> None:
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
    forgive_offline(faults)


def test_a_portals_page_empties_no_queue(evening: Evening, showing: Showing) -> None:
    booking = evening.book(1)
    page = showing()
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.route(
        "**/api/v1/scans", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Wi-Fi</h1>")
    )
    type_code(page, evening.code(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    expect(line(page)).to_have_text("1 en attente")
    assert evening.scans(booking) == []
    page.unroute("**/api/v1/scans")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(line(page)).to_have_text("En ligne")
    assert evening.scans(booking) == [("admitted", "admitted", None)]


def test_no_name_rests_on_the_phone(evening: Evening, showing: Showing) -> None:
    booking = evening.book(3)
    page = showing(Shown(booking, 0))
    expect(word(page)).to_have_text("Entrez")
    search(page, "philomene")
    expect(page.locator("[data-found] button").first).to_contain_text("Philomène Exemple")
    kept = page.evaluate(
        """async () => {
          const kept = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), ...(await caches.keys())];
          for (const { name } of await indexedDB.databases()) {
            const base = await new Promise((done) => { const ask = indexedDB.open(name); ask.onsuccess = () => done(ask.result); });
            for (const store of base.objectStoreNames) {
              const rows = await new Promise((done) => {
                const ask = base.transaction(store).objectStore(store).getAll();
                ask.onsuccess = () => done(ask.result);
              });
              kept.push(JSON.stringify(rows));
            }
          }
          return kept.join("\\n");
        }"""
    )
    assert "tickets" in kept
    with evening.app.app_context():
        secrets = [
            *NAMES,
            "Exemple",
            *db.session.scalars(select(Ticket.code)),
            *db.session.scalars(select(Booking.email)),
        ]
    assert [one for one in secrets if one.lower() in kept.lower()] == []


def test_an_organiser_opens_a_door_without_pairing(evening: Evening, open_page: OpenPage, film: Path) -> None:
    booking = evening.book(1)
    write_film(film, [(None, 4)])
    page = open_page(**PHONE, permissions=["camera"])
    sign_in(page, evening.live, "organiser")
    page.goto("/porte")
    page.get_by_role("link", name=evening.company).click()
    page.wait_for_selector("[data-reading]")
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
    assert page.url == f"{evening.live.url}/porte?hote={evening.host}"
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


def type_code(page: Page, code: str) -> None:
    to_camera(page)
    page.get_by_role("button", name="Taper le code").click()
    page.get_by_label("Huit signes").fill(f"{code[:4]} {code[4:]}".lower())
    page.get_by_role("button", name="Vérifier").click()
    page.wait_for_selector("[data-view=verdict]:not([hidden]), [data-view=group]:not([hidden])")


def search(page: Page, words: str) -> None:
    to_camera(page)
    page.get_by_role("button", name="Chercher un nom").click()
    page.get_by_label("Nom de la réservation").fill(words)
    page.get_by_role("button", name="Chercher", exact=True).click()


def to_camera(page: Page) -> None:
    if not page.locator("[data-view=camera]").is_visible():
        page.locator("[data-view]:not([hidden]) [data-act=next]").click()


def read(page: Page, text: str) -> None:
    """What a hand scanner types."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
