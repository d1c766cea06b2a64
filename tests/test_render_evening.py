"""What leaves the house on paper, in calendars and in pictures: read back with other people's tools."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import typst
import zxingcpp
from flask import Flask
from flask_babel import force_locale
from icalendar import Calendar, Component
from PIL import Image

from nuit.actions.booking import give_back, give_back_stop
from nuit.models import Booking, Edition
from nuit.planning.evening import Person
from nuit.planning.ticketcode import PARTY, TICKET, ticket_address, verify
from nuit.planning.timetable import Codes, Timetable
from nuit.queries.booking import booking_by_reference, codes_of, evening_of, stops_gone
from nuit.queries.ride import stop_of, timetable
from nuit.render.climb import climb_svg
from nuit.render.ics import evening_ics
from nuit.render.pdf import evening_pdf
from nuit.render.qr import TICKET_VERSION, _matrix, library_matrix, qr_file, qr_png, qr_svg
from tests.factories import NOW, a_booking, a_host, a_slot, a_visit, an_edition

URL = "https://nuit-industrie.ch"
SCALE = 3.0


def as_png(svg: bytes) -> Image.Image:
    """An SVG as pixels."""
    source = b'#set page(width: 80mm, height: 80mm, margin: 0mm)\n#image(bytes(sys.inputs.svg), format: "svg")'
    png = typst.compile(source, format="png", ppi=254, sys_inputs={"svg": svg.decode()})
    assert isinstance(png, bytes)
    return Image.open(io.BytesIO(png)).convert("L")


def read(picture: Image.Image) -> list[str]:
    return sorted(code.text for code in zxingcpp.read_barcodes(picture))


TICKET_TEXT = ticket_address(URL, "ABCDEFGHIJ234567" * 8 + "ABCDEFGHIJ")


def test_a_ticket_reads_back_from_both_pictures() -> None:
    assert read(as_png(qr_file(TICKET_TEXT, version=TICKET_VERSION))) == [TICKET_TEXT]
    assert read(Image.open(io.BytesIO(qr_png(TICKET_TEXT, version=TICKET_VERSION, scale=3)))) == [TICKET_TEXT]


def test_a_tickets_code_is_the_one_that_qrcode_makes() -> None:
    """Module for module, at every length that fits, and at the first that does not."""
    chance = Random(11)
    for length in (*range(1, 179, 3), 176, 177, 178, 179):
        text = "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:", k=length))
        assert (_matrix(text, TICKET_VERSION) == library_matrix(text, TICKET_VERSION)).all()


def test_with_its_one_mask_every_ticket_reads_back() -> None:
    chance = Random(7)
    for _ in range(60):
        text = ticket_address(URL, "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=138)))
        assert read(Image.open(io.BytesIO(qr_png(text, version=TICKET_VERSION, scale=2)))) == [text]


def test_tickets_stay_in_version_7_while_the_host_is_short() -> None:
    longest = ticket_address(f"https://{'h' * 26}.ch", "A" * 138)
    assert len(longest) == 178
    assert 'viewBox="-4 -4 53 53"' in qr_svg(longest, version=TICKET_VERSION)
    assert 'viewBox="-4 -4 57 57"' in qr_svg(f"{longest}B", version=TICKET_VERSION)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8000/T/AB", "é 漢字 <script>", "x", "AB-3/9 KQ" * 30])
def test_any_text_reads_back(text: str) -> None:
    assert read(as_png(qr_file(text))) == [text]


def test_a_text_too_long_for_any_code() -> None:
    with pytest.raises(ValueError, match="nvalid version"):
        qr_svg("x" * 5000)


def test_the_label_of_a_code_is_text() -> None:
    assert 'aria-label="&lt;b&gt;&#34;"' in qr_svg("x", label='<b>"')
    assert 'aria-hidden="true"' in qr_svg("x")


def test_a_profile_is_drawn_where_there_is_one() -> None:
    drawn = climb_svg([(0.0, 500.0), (400.0, 520.0), (900.0, 505.0)], "<x>")
    assert 'aria-label="&lt;x&gt;"' in drawn
    assert "M0 " in drawn
    assert climb_svg([], "x") == climb_svg([(0.0, 500.0)], "x") == climb_svg([(0.0, 1.0), (0.0, 2.0)], "x") == ""


@dataclass
class Night:
    edition: Edition
    booking: Booking
    table: Timetable
    codes: Codes
    gone: list[object]

    def again(self, app: Flask) -> "Night":
        return night_of(app, self.edition, self.booking.reference)


def night_of(app: Flask, edition: Edition, reference: str) -> Night:
    booking = booking_by_reference(reference)
    assert booking is not None
    stops = [(slot, [one.label for one in tickets]) for slot, tickets in evening_of(booking)]
    codes = codes_of(booking, edition, app.extensions["nuit.keys"], URL)
    gone: list[object] = [stop_of(slot) for slot, _status in stops_gone(booking)]
    return Night(edition, booking, timetable(edition, stops, booking.mode), codes, gone)


@pytest.fixture
def night(app: Flask) -> Night:
    edition = an_edition(start_name={"fr": "Gare de Sion", "de": "Bahnhof Sitten", "en": "Sion station"})
    conditions = [{"kind": "closed_shoes"}, {"kind": "steps", "value": 32, "note": {"fr": "vers le four"}}]
    first = a_slot(
        a_visit(a_host(edition, "Câblerie", access={"fr": "Portail bleu.", "de": "Blaues Tor."}), conditions=conditions)
    )
    second = a_slot(a_visit(a_host(edition, "Fonderie", lon=7.3101)), timedelta(minutes=150))
    party = (Person("Anne", "18+"), Person("Karim", "18+"), Person("Lou", "12-13"))
    booking = a_booking(edition, first, second, party=party, name="Anne Exemple")
    return night_of(app, edition, booking.reference)


def test_codes_are_signed_for_this_edition_until_the_morning_after(app: Flask, night: Night) -> None:
    public = app.extensions["nuit.keys"].tickets.public_key()
    party = verify(public, night.codes.party.address)
    people = [verify(public, one.address) for one in night.codes.people]
    assert (party.kind, party.token_id) == (PARTY, night.booking.token_id)
    assert [(one.kind, one.token_id) for one in people] == [(TICKET, one.token_id) for one in night.booking.tickets]
    assert {one.edition for one in (party, *people)} == {night.edition.id}
    assert {one.last_day for one in (party, *people)} == {night.edition.night + timedelta(days=1)}
    assert [one.code.replace("-", "") for one in night.codes.people] == [one.code for one in night.booking.tickets]


# Paper


def paper(night: Night, locale: str = "fr") -> bytes:
    with force_locale(locale):
        return evening_pdf(
            night.booking, night.edition, night.table, night.codes, partial(qr_file, version=TICKET_VERSION)
        )


def pages(pdf: bytes) -> tuple[str, list[Image.Image]]:
    """(text, pictures of the pages)."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        text, pictures = "", []
        for page in document:
            content = page.get_textpage()
            text += content.get_text_range()
            content.close()
            bitmap = page.render(scale=SCALE)
            pictures.append(bitmap.to_pil().copy())
            bitmap.close()
            page.close()
        return " ".join(text.replace("\u00a0", " ").split()), pictures
    finally:
        document.close()


def test_every_code_of_the_party_reads_back_from_paper(night: Night) -> None:
    _text, pictures = pages(paper(night))
    found = sorted(text for picture in pictures for text in read(picture))
    assert found == sorted([night.codes.party.address, *(one.address for one in night.codes.people)])


def test_paper_is_made_for_screen_readers(night: Night) -> None:
    pdf = paper(night)
    assert b"pdfuaid:part" in pdf or b"pdfuaid" in pdf
    assert b"/StructTreeRoot" in pdf


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr", ["Ma soirée", "vendredi 24 septembre 2027", "Pour Anne, Karim et Lou", "Chaussures fermées", "Portail bleu."]),
        ("de", ["Freitag, 24. September 2027", "Anne, Karim und Lou", "Blaues Tor."]),
        ("en", ["Friday, 24 September 2027", "Anne, Karim and Lou"]),
    ],
)  # fmt: skip
def test_paper_in_three_languages(night: Night, locale: str, words: list[str]) -> None:
    text, _pictures = pages(paper(night, locale))
    assert [word for word in words if word not in text] == []
    assert "18:00" in text
    assert night.booking.reference in text
    assert night.codes.party.code in text


@pytest.mark.parametrize(
    "name",
    ["#panic()", "$x$ \\ *b* _i_ `r` @a <b> [c] = d", '"); #read("/etc/passwd")', "👩‍👩‍👧 مرحبا 漢字", "x" * 120],
)
def test_a_hostile_name_is_printed_as_it_is(app: Flask, night: Night, name: str) -> None:
    edition = night.edition
    slot = a_slot(a_visit(a_host(edition, name)), timedelta(minutes=30))
    booking = a_booking(edition, slot, party=(Person(name[:60], "18+"), Person("Lou", "18+")), name=name)
    text, pictures = pages(paper(night_of(app, edition, booking.reference)))
    assert sum(len(read(picture)) for picture in pictures) == 3
    if name.isascii() and len(name) < 60:
        assert name in text


def test_an_evening_given_back_prints_no_codes(app: Flask, night: Night) -> None:
    give_back(night.booking.reference, now=NOW)
    text, pictures = pages(paper(night.again(app)))
    assert "Cette soirée a été rendue" in text
    assert [read(picture) for picture in pictures] == [[]]


# Calendar


def events(night: Night, locale: str = "fr") -> list[Component]:
    calendar = Calendar.from_ical(
        evening_ics(night.booking, night.table, night.gone, url=f"{URL}/fr/ma-soiree/x", locale=locale)  # type: ignore[arg-type]
    )
    assert isinstance(calendar, Calendar)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Zurich"]
    return calendar.walk("VEVENT")


def test_one_event_a_stop_with_its_hours_and_an_alarm(night: Night) -> None:
    found = events(night)
    stops = night.table.stops
    assert [str(one["SUMMARY"]) for one in found] == ["Câblerie", "Fonderie"]
    assert [one["DTSTART"].dt for one in found] == [stop.starts_at for stop in stops]
    assert [one["DTEND"].dt for one in found] == [stop.ends_at for stop in stops]
    assert {one["DTSTART"].params["TZID"] for one in found} == {"Europe/Zurich"}
    assert {str(one["STATUS"]) for one in found} == {"CONFIRMED"}
    for event, leg, stop in zip(found, night.table.legs, stops, strict=True):
        alarm = event.walk("VALARM")[0]
        assert stop.starts_at + alarm["TRIGGER"].dt == leg.leave_by - timedelta(minutes=10)
    assert "Chaussures fermées. 32 marches (vers le four)" in str(found[0]["DESCRIPTION"])
    assert "Anne, Karim, Lou" in str(found[0]["DESCRIPTION"])


def test_calendars_speak_the_partys_language(night: Night) -> None:
    assert "Blaues Tor." in str(events(night, "de")[0]["DESCRIPTION"])


def test_events_keep_their_identity_and_count_their_changes(app: Flask, night: Night) -> None:
    before = events(night)
    give_back_stop(night.booking.reference, night.table.stops[0].slot, now=NOW + timedelta(hours=1))
    after = events(night.again(app))
    assert {str(one["UID"]) for one in before} == {str(one["UID"]) for one in after}
    by_name = {str(one["SUMMARY"]): one for one in after}
    assert {name: str(one["STATUS"]) for name, one in by_name.items()} == {
        "Câblerie": "CANCELLED", "Fonderie": "CONFIRMED",
    }  # fmt: skip
    assert [one["SEQUENCE"] for one in before] == [0, 0]
    assert [one["SEQUENCE"] for one in after] == [1, 1]
    assert by_name["Câblerie"].walk("VALARM") == []


def test_an_evening_given_back_cancels_every_event(app: Flask, night: Night) -> None:
    give_back(night.booking.reference, now=NOW)
    again = night.again(app)
    content = evening_ics(again.booking, again.table, again.gone, url=URL, locale="fr")  # type: ignore[arg-type]
    assert b"METHOD:CANCEL" in content
    assert content.count(b"STATUS:CANCELLED") == 2


def test_after_midnight_and_in_the_night_of_the_clocks(app: Flask) -> None:
    """25 October 2026, 02:00 comes twice in Sion: the hour in the calendar is the one that is meant."""
    edition = an_edition(
        booking_opens_at=datetime(2026, 9, 1, tzinfo=UTC), booking_closes_at=datetime(2026, 10, 26, tzinfo=UTC)
    )
    late = a_slot(a_visit(a_host(edition)), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    booking = a_booking(edition, late, now=datetime(2026, 10, 20, tzinfo=UTC))
    event = events(night_of(app, edition, booking.reference))[0]
    assert event["DTSTART"].to_ical() == b"20261025T023000"
    assert event["DTSTART"].dt.astimezone(ZoneInfo("UTC")) == late.starts_at


def test_a_hostile_name_breaks_no_calendar(app: Flask, night: Night) -> None:
    name = "A;B,C\\n: BEGIN:VALARM"
    slot = a_slot(a_visit(a_host(night.edition, name)), timedelta(minutes=30))
    booking = a_booking(night.edition, slot)
    found = events(night_of(app, night.edition, booking.reference))
    assert [str(one["SUMMARY"]) for one in found] == [name]
    assert len(found[0].walk("VALARM")) == 1
