"""What the camera is shown in real life: paper, screens, cracks, the dark; another night's ticket; a picture of a ticket."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps
from playwright.sync_api import Page, expect
from zxingcpp import read_barcodes

from nuit.planning.ticketcode import TICKET, sign, ticket_address, verify
from tests.browser.conftest import OpenPage
from tests.browser.door.conftest import (
    Evening,
    Showing,
    Shown,
    line,
    loaded,
    picture_of,
    read,
    word,
)

pytestmark = pytest.mark.browser
DOORWAY = (96, 98, 104)


def tilted(code: Image.Image) -> Image.Image:
    return code.rotate(31, expand=True, fillcolor=DOORWAY)


def blurred(code: Image.Image) -> Image.Image:
    return code.filter(ImageFilter.GaussianBlur(2.4))


def dark(code: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(ImageEnhance.Contrast(code).enhance(0.35)).enhance(0.3)


def cracked(code: Image.Image) -> Image.Image:
    """Cracks from one corner across the glass, and a missing splinter."""
    broken = code.copy()
    pen = ImageDraw.Draw(broken)
    width, height = broken.size
    for x, y in ((width, 140), (width - 90, height), (170, height)):
        pen.line((0, 0, x, y), fill=(225, 228, 232), width=3)
    pen.polygon([(width - 1, 100), (width - 34, 128), (width - 1, 150)], fill=(20, 20, 24))
    return broken


def inverted(code: Image.Image) -> Image.Image:
    """As phones draw it that turn every page dark."""
    return ImageOps.invert(code)


def leaning(code: Image.Image) -> Image.Image:
    """Held away at the top: the far edge is shorter."""
    width, height = code.size
    seen = (-40, 0, 0, height, width, height, width + 40, 0)
    return code.transform((width, height), Image.Transform.QUAD, seen, fillcolor=DOORWAY)


FILMS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "tilted": tilted, "blurred": blurred, "dark": dark, "cracked": cracked, "inverted": inverted, "leaning": leaning,
}  # fmt: skip


def printed(page: Page, evening: Evening, booking: int) -> Image.Image:
    """The code of an evening's PDF as a printer draws it, the phone held near."""
    page.goto(evening.link(booking))
    answer = page.request.get(f"{page.url.split('?')[0]}/soiree.pdf")
    document = pypdfium2.PdfDocument(answer.body())
    for number in range(len(document)):
        sheet = document[number].render(scale=4).to_pil().convert("RGB")
        found = next((one for one in read_barcodes(sheet) if "/T/" in one.text), None)
        if found:
            break
    document.close()
    assert found is not None
    corners = [getattr(found.position, name) for name in ("top_left", "top_right", "bottom_right", "bottom_left")]
    near = 60
    box = (
        min(one.x for one in corners) - near,
        min(one.y for one in corners) - near,
        max(one.x for one in corners) + near,
        max(one.y for one in corners) + near,
    )
    return ImageOps.contain(sheet.crop(box), (420, 420)).rotate(-7, expand=True, fillcolor=DOORWAY)


def test_the_camera_reads_what_people_really_hold_up(
    evening: Evening, film: Path, open_page: OpenPage, paired: Showing
) -> None:
    studio = open_page()
    bookings = {name: evening.book(1) for name in FILMS}
    shots = [(change(picture_of(studio, evening, Shown(bookings[name], 0))), 1.2) for name, change in FILMS.items()]
    bookings["printed"] = evening.book(1)
    shots.append((printed(studio, evening, bookings["printed"]), 1.2))
    page = paired(shots=[part for shot in shots for part in (shot, (None, 0.3))])
    read_so_far: dict[str, int] = {}
    for _ in range(240):
        read_so_far = {name: evening.entered(booking) for name, booking in bookings.items()}
        if all(read_so_far.values()):
            break
        page.wait_for_timeout(500)
    assert read_so_far == dict.fromkeys((*FILMS, "printed"), 1)


def test_another_nights_ticket_is_unknown_with_and_without_a_network(evening: Evening, paired: Showing) -> None:
    mine = verify(evening.keys.tickets.public_key(), evening.address(evening.book(1), 0))
    other = sign(
        evening.keys.tickets, kind=TICKET, edition=mine.edition + 1, last_day=mine.last_day, token_id=mine.token_id
    )
    page = paired()
    loaded(page)
    read(page, ticket_address(evening.live.url, other))
    expect(word(page)).to_have_text("Inconnu")
    page.route(
        "**/api/v1/scans", lambda route: route.fulfill(status=503, content_type="text/html", body="<h1>503</h1>")
    )
    page.get_by_role("button", name="Suivant").click()
    page.wait_for_timeout(2600)  # the same code counts anew once it has been out of sight
    read(page, ticket_address(evening.live.url, other))
    expect(word(page)).to_have_text("Inconnu")


def test_a_screenshot_of_a_ticket_lets_one_person_in(evening: Evening, paired: Showing) -> None:
    """The same picture on two phones, at the same door: the second is told who came in, when, and at which phone."""
    booking = evening.book(1)
    first, second = paired(name="Entrée nord"), paired(name="Cour")
    loaded(second)
    read(first, evening.address(booking, 0))
    expect(word(first)).to_have_text("Entrez")
    expect(line(first)).to_have_text("En ligne")
    read(second, evening.address(booking, 0))
    expect(word(second)).to_have_text("Déjà entré")
    told = second.locator("[data-view=verdict] [data-detail]")
    expect(told).to_contain_text("P., adulte.")
    expect(told).to_contain_text("Lu par Entrée nord.")
    expect(line(second)).to_have_text("En ligne")
    assert [verdict for verdict, _given, _admit in evening.scans(booking)] == ["admitted", "already_in"]


def test_two_doors_each_know_the_others_visitors_without_a_network(evening: Evening, paired: Showing) -> None:
    booking = evening.book(1, evening.slot)
    here, there = paired(), paired(evening.away)
    for page in (here, there):
        loaded(page)
        page.context.set_offline(True)
    read(there, evening.address(booking, 0))
    expect(word(there)).to_have_text("Ailleurs")
    expect(there.locator("[data-view=verdict] [data-big]")).to_have_text(
        f"Attendu à {evening.hour}, {evening.company}."
    )
    expect(there.locator("[data-view=verdict] [data-detail]")).to_contain_text("min à vélo.")
    read(here, evening.address(booking, 0))
    expect(word(here)).to_have_text("Entrez")
