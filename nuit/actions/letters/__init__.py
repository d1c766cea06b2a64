"""What a promised message says, as things are when it is sent: each kind fetches what it tells of."""

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

from nuit.actions.letters.holding import confirm_address
from nuit.actions.letters.occasions import MOST_HOURS, fitting, place_moved, reminder, slot_moved
from nuit.actions.letters.parts import (
    House,
    booking_of,
    calendar_of,
    envelope_of,
    evening_link,
    timetable_of,
    words_of,
)
from nuit.actions.letters.waiting import in_line, offer, offer_lapsed
from nuit.actions.letters.written import circular, thanks
from nuit.models import Message
from nuit.planning.delivery import Unwritable
from nuit.queries.booking import booking_by_reference, codes_of, stops_gone
from nuit.queries.edition import current_edition
from nuit.queries.ride import stop_of
from nuit.queries.visit import alternatives
from nuit.render.mail import letter
from nuit.render.qr import TICKET_VERSION, qr_png

__all__ = ["KINDS", "House", "evening_link", "letter_of"]


def letter_of(message: Message, house: House, *, now: datetime) -> EmailMessage:
    """The letter that a message has promised. Raises Unwritable, or KeyError for a kind nobody has written."""
    return KINDS[message.kind](message, house, now)


def _evening(message: Message, house: House, now: datetime) -> EmailMessage:
    """The confirmation, or what has become of the evening since."""
    booking, edition = booking_of(message)
    evening = timetable_of(edition, booking)
    if not evening.stops:
        return in_line(message, house, now, booking, edition) or _given_back(message, house, now)
    codes = codes_of(booking, edition, house.keys, house.url)
    return letter(
        "confirmation",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, evening, house) | {"codes": codes},
        pictures={"qr": qr_png(codes.party.address, version=TICKET_VERSION)},
        files=(calendar_of(booking, edition, evening, house),),
    )


def _given_back(message: Message, house: House, now: datetime) -> EmailMessage:
    booking, edition = booking_of(message)
    evening = timetable_of(edition, booking)
    return letter(
        "given_back",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, evening, house) | {"again": f"{house.url}/{booking.locale}/soiree"},
        files=(calendar_of(booking, edition, evening, house),),
    )


def _slot_cancelled(message: Message, house: House, now: datetime) -> EmailMessage:
    booking, edition = booking_of(message)
    slot = next((one for one, _status in stops_gone(booking) if one.id == message.payload.get("slot")), None)
    if slot is None:
        raise Unwritable("what it tells of is gone")
    evening = timetable_of(edition, booking)
    gone = stop_of(slot)
    return letter(
        "slot_cancelled",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, evening, house)
        | {
            "gone": gone,
            "reason": message.payload.get("reason") or slot.reason,
            "others": alternatives([slot], now, seats=len(booking.tickets))[slot.id][:MOST_HOURS],
            "elsewhere": [stop_of(one) for one in fitting(edition, booking, slot, now)],
            "companies": f"{house.url}/{booking.locale}/entreprises",
            "company": f"{house.url}/{booking.locale}/entreprises/{gone.slug}",
        },
        files=(calendar_of(booking, edition, evening, house),),
    )


def _resend(message: Message, house: House, now: datetime) -> EmailMessage:
    edition = current_edition()
    found = [booking_by_reference(one) for one in message.payload["references"]]
    bookings = [one for one in found if one is not None and one.state == "confirmed"]
    if edition is None or not bookings:
        raise Unwritable("what it tells of is gone")
    evenings = [
        {
            "reference": one.reference,
            "stops": timetable_of(edition, one).stops,
            "people": [ticket.label for ticket in one.tickets],
            "link": evening_link(house, one),
        }
        for one in bookings
    ]
    return letter("resend", envelope_of(message, house, edition, now), {"edition": edition, "evenings": evenings})


def _plain(message: Message, house: House, now: datetime) -> EmailMessage:
    """A letter that says what its promise says."""
    return letter(message.kind, envelope_of(message, house, current_edition(), now), message.payload)


KINDS: dict[str, Callable[[Message, House, datetime], EmailMessage]] = {
    "confirmation": _evening,
    "confirm_address": confirm_address,
    "given_back": _given_back,
    "slot_cancelled": _slot_cancelled,
    "slot_moved": slot_moved,
    "place_moved": place_moved,
    "reminder_day": reminder,
    "reminder_hours": reminder,
    "offer": offer,
    "offer_lapsed": offer_lapsed,
    "circular": circular,
    "thanks": thanks,
    "resend": _resend,
    "sign_in": _plain,
    "invitation": _plain,
}
