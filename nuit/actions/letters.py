"""What a promised message says, as things are when it is sent: each kind fetches what it tells of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from nuit.keys import Keys, manage_token
from nuit.models import Booking, Edition, Message, Slot
from nuit.planning.delivery import Unwritable
from nuit.planning.timetable import Timetable
from nuit.queries.booking import booking_by_id, booking_by_reference, codes_of, evening_of, stops_gone
from nuit.queries.edition import current_edition, edition_by_id
from nuit.queries.ride import stop_of, timetable
from nuit.queries.visit import alternatives
from nuit.render.ics import evening_ics
from nuit.render.mail import Enclosure, Envelope, letter
from nuit.render.qr import TICKET_VERSION, qr_png

MOST_HOURS = 4


@dataclass(frozen=True)
class House:
    """Who writes: the site's address, the sender, the keys that sign tickets and links."""

    url: str
    sender: str
    keys: Keys


def letter_of(message: Message, house: House, *, now: datetime) -> EmailMessage:
    """The letter that a message has promised. Raises Unwritable, or KeyError for a kind nobody has written."""
    return KINDS[message.kind](message, house, now)


def evening_link(house: House, booking: Booking, *, to: str = "") -> str:
    """The link that opens a booking in any browser: its key is exchanged for a cookie at once; opening changes nothing."""
    token = manage_token(house.keys.secret, booking.reference, booking.epoch)
    more = f"&vers={to}" if to else ""
    return f"{_evening_page(house, booking)}/ouvrir?cle={token}{more}"


def _evening_page(house: House, booking: Booking) -> str:
    return f"{house.url}/{booking.locale}/ma-soiree/{booking.reference}"


def _evening(message: Message, house: House, now: datetime) -> EmailMessage:
    """The confirmation, or what has become of the evening since."""
    booking, edition = _booking(message)
    evening = _timetable(edition, booking)
    if not evening.stops:
        return _given_back(message, house, now)
    codes = codes_of(booking, edition, house.keys, house.url)
    return letter(
        "confirmation",
        _envelope(message, house, edition, now),
        _words(booking, edition, evening, house)
        | {"codes": codes, "give_back": evening_link(house, booking, to="rendre")},
        pictures={"qr": qr_png(codes.party.address, version=TICKET_VERSION)},
        files=(_calendar(booking, edition, evening, house),),
    )


def _given_back(message: Message, house: House, now: datetime) -> EmailMessage:
    booking, edition = _booking(message)
    evening = _timetable(edition, booking)
    return letter(
        "given_back",
        _envelope(message, house, edition, now),
        _words(booking, edition, evening, house) | {"again": f"{house.url}/{booking.locale}/soiree"},
        files=(_calendar(booking, edition, evening, house),),
    )


def _slot_cancelled(message: Message, house: House, now: datetime) -> EmailMessage:
    booking, edition = _booking(message)
    slot = next((one for one, _status in stops_gone(booking) if one.id == message.payload.get("slot")), None)
    if slot is None:
        raise Unwritable("what it tells of is gone")
    evening = _timetable(edition, booking)
    gone = stop_of(slot)
    return letter(
        "slot_cancelled",
        _envelope(message, house, edition, now),
        _words(booking, edition, evening, house)
        | {
            "gone": gone,
            "reason": message.payload.get("reason") or slot.reason,
            "others": _other_hours(slot, len(booking.tickets), now),
            "company": f"{house.url}/{booking.locale}/entreprises/{gone.slug}",
        },
        files=(_calendar(booking, edition, evening, house),),
    )


def _other_hours(slot: Slot, seats: int, now: datetime) -> list[Slot]:
    return alternatives([slot], now, seats=seats)[slot.id][:MOST_HOURS]


def _resend(message: Message, house: House, now: datetime) -> EmailMessage:
    edition = current_edition()
    found = [booking_by_reference(one) for one in message.payload["references"]]
    bookings = [one for one in found if one is not None and one.state == "confirmed"]
    if edition is None or not bookings:
        raise Unwritable("what it tells of is gone")
    evenings = [
        {
            "reference": one.reference,
            "stops": _timetable(edition, one).stops,
            "people": [ticket.label for ticket in one.tickets],
            "link": evening_link(house, one),
        }
        for one in bookings
    ]
    return letter("resend", _envelope(message, house, edition, now), {"edition": edition, "evenings": evenings})


def _plain(message: Message, house: House, now: datetime) -> EmailMessage:
    """A letter that says what its promise says."""
    return letter(message.kind, _envelope(message, house, current_edition(), now), message.payload)


def _booking(message: Message) -> tuple[Booking, Edition]:
    booking = booking_by_id(message.booking_id) if message.booking_id else None
    edition = edition_by_id(booking.edition_id) if booking else None
    if booking is None or edition is None:
        raise Unwritable("what it tells of is gone")
    return booking, edition


def _timetable(edition: Edition, booking: Booking) -> Timetable:
    stops = [(slot, [ticket.label for ticket in tickets]) for slot, tickets in evening_of(booking)]
    return timetable(edition, stops, booking.mode)


def _words(booking: Booking, edition: Edition, evening: Timetable, house: House) -> dict[str, Any]:
    coming = {name for stop in evening.stops for name in stop.who}
    return {
        "booking": booking,
        "edition": edition,
        "evening": evening,
        "people": [ticket.label for ticket in booking.tickets if ticket.label in coming],
        "link": evening_link(house, booking),
    }


def _calendar(booking: Booking, edition: Edition, evening: Timetable, house: House) -> Enclosure:
    gone = [stop_of(slot) for slot, _status in stops_gone(booking)]
    content = evening_ics(booking, evening, gone, url=_evening_page(house, booking), locale=booking.locale)
    method = "PUBLISH" if evening.stops else "CANCEL"
    return Enclosure(f"nuit-{edition.slug}.ics", f"text/calendar; charset=utf-8; method={method}", content)


def _envelope(message: Message, house: House, edition: Edition | None, now: datetime) -> Envelope:
    return Envelope(
        sender=house.sender,
        to=message.to,
        key=message.key,
        locale=message.locale,
        at=now,
        reply_to=edition.contact_email if edition else "",
    )


KINDS: dict[str, Callable[[Message, House, datetime], EmailMessage]] = {
    "confirmation": _evening,
    "given_back": _given_back,
    "slot_cancelled": _slot_cancelled,
    "resend": _resend,
    "sign_in": _plain,
    "invitation": _plain,
}
