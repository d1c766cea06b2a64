"""The door's phone: python -m bench.door_phone prints frame to word and judging, in a real browser with a fake camera.

A film shows tickets one after another; the phone measures from the frame it took to the frame after the word was drawn
(with a network, and without), and how long it judges alone over a list of 2,000 tickets; both beside their ceilings.
"""

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from qrcode import QRCode
from sqlalchemy import select

import config
from bench.journeys import machine
from nuit import create_app
from nuit.actions.device import open_pairing
from nuit.db import db
from nuit.models import Edition, Slot
from nuit.queries.booking import codes_of
from tests.browser.conftest import FAKE_CAMERA
from tests.browser.door.conftest import PHONE, write_film
from tests.factories import a_booking
from tests.live import night

TICKETS, SHOWN, PER_PARTY = 2000, 24, 5
MEASURES = "(name) => performance.getEntriesByName(name).map((one) => one.duration)"


def main() -> None:
    """Prints the table, and the machine it was taken on."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="nuit-bench-") as name, sync_playwright() as playwright:
        folder = Path(name)
        live = night(folder)
        live.chore("programme", "example")
        app = create_app(
            {"NUIT_INSTANCE": folder, "NUIT_URL": live.url, "SQLALCHEMY_DATABASE_URI": config.database_url("", folder)}
        )
        with app.app_context():
            addresses, code, live.env["NUIT_NOW"] = _crowd(app.extensions["nuit.keys"], live.url)
        film = folder / "camera.y4m"
        write_film(film, [part for one in addresses for part in ((_picture(one), 0.7), (None, 0.3))])
        live.start()
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        flags = ["--no-sandbox", *FAKE_CAMERA, f"--use-file-for-fake-video-capture={film}"]
        context = playwright.chromium.launch(executable_path=path, args=flags).new_context(
            base_url=live.url, permissions=["camera"], **PHONE
        )
        page = context.new_page()
        page.goto(f"/porte#{code}")
        page.locator("[data-view=pair] button").click()
        page.wait_for_selector("[data-reading]")
        print(machine())
        print("| measure | times | median ms | p95 ms | worst ms | ceiling ms |")
        print("|---|---|---|---|---|---|")
        page.wait_for_timeout(SHOWN * 1000)
        _tell(page, "frame to word", "frame to word, with a network", 300)
        page.evaluate("performance.clearMeasures()")
        context.set_offline(True)
        page.wait_for_timeout(SHOWN * 1000)
        _tell(page, "frame to word", "frame to word, without", 300)
        _tell(page, "judge", "to judge alone, of 2,000 tickets", 100)
        context.close()
        live.stop()


def _crowd(keys: object, url: str) -> tuple[list[str], str, str]:
    edition = db.session.scalars(select(Edition).where(Edition.is_current)).one()
    slots = list(
        db.session.scalars(select(Slot).where(Slot.edition_id == edition.id).order_by(Slot.starts_at, Slot.id))
    )
    slot = next(one for one in slots if one.starts_at >= edition.opens_at + timedelta(hours=1))
    slot.capacity = slot.safety_limit = TICKETS
    db.session.commit()
    addresses: list[str] = []
    for _ in range(TICKETS // PER_PARTY):
        booking = a_booking(edition, slot, size=PER_PARTY, now=slot.starts_at - timedelta(days=1))
        if len(addresses) < SHOWN:
            addresses += [one.address for one in codes_of(booking, edition, keys, url).people]  # type: ignore[arg-type]
    now: datetime = slot.starts_at - timedelta(minutes=5)
    return addresses[:SHOWN], open_pairing(slot.host_id, now=now, by=None)[1], now.isoformat()


def _picture(text: str) -> Image.Image:
    code = QRCode(border=4, box_size=7)
    code.add_data(text)
    code.make(fit=True)
    return code.make_image().get_image().convert("RGB")


def _tell(page: Page, measure: str, words: str, ceiling: int) -> None:
    found = sorted(page.evaluate(MEASURES, measure))
    p95 = found[round(0.95 * (len(found) - 1))]
    print(f"| {words} | {len(found)} | {median(found):.0f} | {p95:.0f} | {found[-1]:.0f} | {ceiling} |", flush=True)


if __name__ == "__main__":
    main()
