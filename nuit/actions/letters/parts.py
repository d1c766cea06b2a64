"""What letters share: who writes, the links in them, the evening they tell of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nuit.keys import Keys, manage_token
from nuit.models import Booking, Edition, Message
from nuit.planning.delivery import Unwritable
from nuit.planning.timetable import Timetable
from nuit.queries.booking import booking_by_id, evening_of, stops_gone
from nuit.queries.edition import edition_by_id
from nuit.queries.ride import stop_of, timetable
from nuit.render.ics import evening_ics
from nuit.render.mail import Enclosure, Envelope


@dataclass(frozen=True)
class House:
    """Who writes: the site's address, the sender, the keys that sign tickets and links."""

    url: str
    sender: str
    keys: Keys


def evening_link(house: House, booking: Booking, *, to: str = "") -> str:
    """The link that opens a booking in any browser: its key is exchanged for a cookie at once; opening changes nothing."""
    token = manage_token(house.keys.secret, booking.reference, booking.epoch)
    more = f"&vers={to}" if to else ""
    return f"{evening_page(house, booking)}/ouvrir?cle={token}{more}"


def evening_page(house: House, booking: Booking) -> str:
    """The address of a booking's own page, without its key."""
    return f"{house.url}/{booking.locale}/ma-soiree/{booking.reference}"


def booking_of(message: Message) -> tuple[Booking, Edition]:
    """The booking a message tells of, and its edition. Raises Unwritable where it is gone."""
    booking = booking_by_id(message.booking_id) if message.booking_id else None
    edition = edition_by_id(booking.edition_id) if booking else None
    if booking is None or edition is None:
        raise Unwritable("what it tells of is gone")
    return booking, edition


def timetable_of(edition: Edition, booking: Booking) -> Timetable:
    """The booking's evening as it stands."""
    stops = [(slot, [ticket.label for ticket in tickets]) for slot, tickets in evening_of(booking)]
    return timetable(edition, stops, booking.mode)


def words_of(booking: Booking, edition: Edition, evening: Timetable, house: House) -> dict[str, Any]:
    """What every letter about an evening may say."""
    coming = {name for stop in evening.stops for name in stop.who}
    return {
        "booking": booking,
        "edition": edition,
        "evening": evening,
        "people": [ticket.label for ticket in booking.tickets if ticket.label in coming],
        "link": evening_link(house, booking),
        "codes_link": evening_link(house, booking, to="billet"),
        "give_back": evening_link(house, booking, to="rendre"),
    }


def calendar_of(booking: Booking, edition: Edition, evening: Timetable, house: House) -> Enclosure:
    """The evening as a file for calendars; METHOD:CANCEL once nothing of it stands."""
    gone = [stop_of(slot) for slot, _status in stops_gone(booking)]
    content = evening_ics(
        booking, evening, gone, url=evening_page(house, booking), locale=booking.locale, organiser=edition.contact_email
    )
    method = "PUBLISH" if evening.stops else "CANCEL"
    return Enclosure(f"nuit-{edition.slug}.ics", f"text/calendar; charset=utf-8; method={method}", content)


def envelope_of(message: Message, house: House, edition: Edition | None, now: datetime) -> Envelope:
    """From whom, to whom, in which language."""
    return Envelope(
        sender=house.sender,
        to=message.to,
        key=message.key,
        locale=message.locale,
        at=now,
        reply_to=edition.contact_email if edition else "",
    )
