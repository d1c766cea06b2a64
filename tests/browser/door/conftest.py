"""A night in rehearsal at a door, a phone with a fake camera, and the volunteer's hands."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

import config
from nuit import create_app
from nuit.actions.device import open_pairing, revoke
from nuit.clock import local
from nuit.db import db
from nuit.keys import Keys, manage_token
from nuit.models import Booking, Device, Edition, Host, Scan, Seat, Slot, Ticket
from nuit.planning.evening import Person
from nuit.queries.booking import codes_of
from nuit.render.qr import qr_svg
from tests.browser.conftest import FAKE_CAMERA, OpenPage
from tests.factories import a_booking
from tests.live import Live, night

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

    def addresses(self, booking: int) -> list[str]:
        """What all its people's QR codes say."""
        return [self.address(booking, person) for person in range(self.size(booking))]

    def size(self, booking: int) -> int:
        with self.app.app_context():
            return len(db.session.get_one(Booking, booking).tickets)

    def entered(self, *bookings: int) -> int:
        """How many of their seats are entered, as the house knows."""
        with self.app.app_context():
            seats = select(func.count(Seat.entered_at)).where(Seat.booking_id.in_(bookings))
            return db.session.scalars(seats).one()

    def canaries(self) -> list[str]:
        """Whatever must never rest on a phone: names, addresses, codes."""
        with self.app.app_context():
            return [*NAMES, "Philomène Exemple", *db.session.scalars(select(Ticket.code)),
                    *db.session.scalars(select(Booking.code)), *db.session.scalars(select(Booking.email))]  # fmt: skip

    def cut(self, name: str) -> None:
        """What one tap does: the phone of this name is cut off."""
        with self.app.app_context():
            device = db.session.scalars(select(Device).where(Device.name == name)).one()
            revoke(device.id, now=datetime.fromisoformat(self.live.env["NUIT_NOW"]), by=None)

    def come_in(self) -> int:
        """How many are in on this departure, as the house knows."""
        with self.app.app_context():
            return db.session.scalars(select(func.count(Seat.entered_at)).where(Seat.slot_id == self.slot)).one()

    def told(self, booking: int) -> list[tuple[str, str, str]]:
        """(kind, verdict, reason) of each scan of the party, as they were made."""
        with self.app.app_context():
            rows = db.session.scalars(
                select(Scan).where(Scan.booking_id == booking).order_by(Scan.corrected_at, Scan.kind)
            )
            return [(one.kind, one.verdict, one.reason) for one in rows]

    def walked_in(self) -> int:
        """How many came into the departure without a ticket."""
        with self.app.app_context():
            return db.session.get_one(Slot, self.slot).walked_in

    @contextmanager
    def counting_exits(self) -> Iterator[None]:
        """For as long as this lasts, the house wants to know who is inside."""
        self._count_exits(True)
        yield
        self._count_exits(False)

    def _count_exits(self, on: bool) -> None:
        with self.app.app_context():
            slot = db.session.get_one(Slot, self.slot)
            db.session.get_one(Host, slot.host_id).counts_exits = on
            db.session.get_one(Edition, slot.edition_id).revision += 1
            db.session.commit()

    def scans(self, booking: int) -> list[tuple[str, str, int | None]]:
        """(verdict, given, admit) of each scan of the party, as they came in."""
        with self.app.app_context():
            rows = db.session.scalars(select(Scan).where(Scan.booking_id == booking).order_by(Scan.id))
            return [(one.verdict, one.given, one.admit) for one in rows]

    def pairing(self, slot: int | None = None) -> str:
        """A pairing code of the door at which this departure leaves."""
        with self.app.app_context():
            host = db.session.get_one(Slot, slot or self.slot).host_id
            return open_pairing(host, now=datetime.fromisoformat(self.live.env["NUIT_NOW"]), by=None)[1]


@pytest.fixture(scope="session")
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
        edition.release_minutes = 60  # however slow the machine, nobody loses a place while these tests run
        slot.capacity = slot.safety_limit = 600
        db.session.commit()
    live.start()
    yield made
    assert live.stop() == 0, live.log


@pytest.fixture(scope="session")
def server(evening: Evening) -> Live:
    return evening.live


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the fake camera shows; written anew by `show` before a page opens it."""
    path = tmp_path_factory.mktemp("film") / "camera.y4m"
    write_film(path, [(None, 1)])
    return path


@pytest.fixture
def browser_flags(film: Path) -> tuple[str, ...]:
    return (*FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}")


Shots = Sequence[tuple[Image.Image | None, float]]


def write_film(path: Path, shots: Shots) -> None:
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
        expect(page.locator(".codes .ticket svg").first, page.locator("main").inner_text()).to_be_attached()
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
NO_SYNC = "Object.defineProperty(ServiceWorkerRegistration.prototype, 'sync', { value: undefined })"
"""As in Safari and Firefox; the airplane mode of these tests does not reach a service worker."""


@pytest.fixture
def paired(evening: Evening, film: Path, open_page: OpenPage) -> Showing:
    """paired(slot, film): a phone paired with the door at which this departure leaves; an empty doorway before it.

    `sync`: its browser empties the queue in the background too.
    """

    def opened(
        slot: int | None = None, name: str = "Entrée nord", shots: Shots = ((None, 4),), *, sync: bool = False
    ) -> Page:
        write_film(film, shots)
        page = open_page(**PHONE, permissions=["camera"])
        if not sync:
            page.context.add_init_script(NO_SYNC)
        page.goto(f"/porte#{evening.pairing(slot)}")
        page.get_by_label("Nom de ce téléphone").fill(name)
        page.get_by_role("button", name="Relier ce téléphone").click()
        page.wait_for_selector("[data-reading]")
        return page

    return opened


@pytest.fixture
def showing(evening: Evening, open_page: OpenPage, paired: Showing) -> Showing:
    """showing(thing, …): a paired phone whose camera sees these one after another, then an empty doorway."""

    def opened(*things: Shown) -> Page:
        studio = open_page()
        shots = [(picture_of(studio, evening, one), 1.5) for one in things]
        return paired(shots=[*shots, (None, 4)])

    return opened


def loaded(page: Page) -> None:
    """Waits for the list, and for the app to be kept on the phone."""
    expect(page.locator("[data-expected]")).not_to_have_text("–")
    page.evaluate(
        """async () => {
          const { active } = await navigator.serviceWorker.ready;
          while (active.state !== "activated") await new Promise((done) => setTimeout(done, 50));
        }"""
    )


def word(page: Page) -> Any:
    return page.locator("[data-view=verdict]:not([hidden]) [data-word]")


def line(page: Page) -> Any:
    return page.locator("[data-view]:not([hidden]) [data-line-words]")


class Faults(list[str]):
    """The browser says each request that a cut network, or a portal on the way, refused; anything else stays a fault."""

    CUT = ("status of 50", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_", "ERR_EMPTY_RESPONSE", "ERR_FAILED")

    def append(self, one: str) -> None:
        if not any(word in one for word in self.CUT) and not re.match(r"50[23] at .*/api/v1/scans$", one):
            super().append(one)


@pytest.fixture
def faults() -> list[str]:
    return Faults()


KEPT = """async () => {
  const kept = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) kept.push(request.url, await (await cache.match(request)).text());
  }
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => { const ask = indexedDB.open(name); ask.onsuccess = () => done(ask.result); });
    for (const store of base.objectStoreNames) {
      for (const verb of ["getAllKeys", "getAll"]) {
        kept.push(await new Promise((done) => {
          const ask = base.transaction(store).objectStore(store)[verb]();
          ask.onsuccess = () => done(JSON.stringify(ask.result));
        }));
      }
    }
    base.close();
  }
  return kept.join("\\n");
}"""


def kept_on(page: Page) -> str:
    """Everything that rests on the phone: databases, both storages, and every kept file with its address."""
    found: str = page.evaluate(KEPT)
    return found


SCANNED = """async (texts) => {
  const waiting = () => Number(document.querySelector("[data-waiting]").textContent);
  for (const text of texts) {
    const before = waiting();
    for (const key of [...text, "Enter"]) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    while (waiting() === before) await new Promise((done) => setTimeout(done, 2));
    while (document.querySelector("[data-view=verdict]").hidden) await new Promise((done) => setTimeout(done, 2));
  }
}"""


def scan_all(page: Page, texts: list[str]) -> None:
    """A hand scanner reads one after another; each waits for its verdict."""
    page.evaluate(SCANNED, texts)


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


TYPED = """(text) => {
  for (const key of [...text, "Enter"]) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}"""


def read(page: Page, text: str) -> None:
    """What a hand scanner types: all at once, for between two slow keys the door begins a new text."""
    page.evaluate(TYPED, text)


def rests(page: Page) -> tuple[int, int]:
    """How much rests in the door's database: what it was told of the evening, and scans that have not been sent."""
    found = page.evaluate(
        """async () => {
          const base = await new Promise((done) => { const ask = indexedDB.open("nuit-door"); ask.onsuccess = () => done(ask.result); });
          const many = (store) => new Promise((done) => {
            const ask = base.transaction(store).objectStore(store).count();
            ask.onsuccess = () => done(ask.result);
          });
          const found = [await many("kept"), await many("scan")];
          base.close();
          return found;
        }"""
    )
    return found[0], found[1]
