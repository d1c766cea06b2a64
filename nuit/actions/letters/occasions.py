"""Letters that an evening's course brings: reminders, a departure that moves, a door that moves."""

from datetime import datetime
from email.message import EmailMessage
from typing import cast

from nuit.actions.letters.parts import House, booking_of, calendar_of, envelope_of, timetable_of, words_of
from nuit.models import Booking, Edition, Message, Slot
from nuit.planning.delivery import Moot
from nuit.planning.evening import Person
from nuit.planning.instead import instead
from nuit.planning.ride import Mode
from nuit.planning.timetable import Stop, Timetable
from nuit.queries.booking import codes_of, evening_of
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import alternatives, departure, free_slots
from nuit.render.mail import letter
from nuit.render.qr import TICKET_VERSION, qr_png

MOST_HOURS = 4


def reminder(message: Message, house: House, now: datetime) -> EmailMessage:
    """The evening once more, with the minute to leave by. Raises Moot where the first stop is another one by now."""
    booking, edition = booking_of(message)
    evening = timetable_of(edition, booking)
    if booking.state != "confirmed" or not evening.stops or evening.stops[0].starts_at <= now:
        raise Moot("nothing to be reminded of")
    if message.kind == "reminder_hours" and evening.stops[0].slot != message.payload.get("slot"):
        raise Moot("another stop comes first by now")
    codes = codes_of(booking, edition, house.keys, house.url)
    return letter(
        message.kind,
        envelope_of(message, house, edition, now),
        words_of(booking, edition, evening, house)
        | {"codes": codes, "first": evening.stops[0], "leg": evening.legs[0]},
        pictures={"qr": qr_png(codes.party.address, version=TICKET_VERSION)},
        files=(calendar_of(booking, edition, evening, house),),
    )


def slot_moved(message: Message, house: House, now: datetime) -> EmailMessage:
    """A departure has another hour: the new one, the old one, and whether the evening still holds. Raises Moot."""
    booking, edition = booking_of(message)
    evening = timetable_of(edition, booking)
    stop = _still(evening, "slot", message.payload.get("slot"))
    slot = next(one for one, _tickets in evening_of(booking) if one.id == stop.slot)
    return letter(
        "slot_moved",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, evening, house)
        | {
            "moved": stop,
            "was": datetime.fromisoformat(message.payload["was"]),
            "reason": message.payload.get("reason", ""),
            "clashes": [evening.stops[n - 1 : n + 1] for n, leg in enumerate(evening.legs) if (leg.spare or 0) < 0],
            "others": alternatives([slot], now, seats=len(stop.who))[slot.id][:MOST_HOURS],
            "company": f"{house.url}/{booking.locale}/entreprises/{stop.slug}",
        },
        files=(calendar_of(booking, edition, evening, house),),
    )


def place_moved(message: Message, house: House, now: datetime) -> EmailMessage:
    """A company receives at another door. Raises Moot where the party does not go there any more."""
    booking, edition = booking_of(message)
    evening = timetable_of(edition, booking)
    return letter(
        "place_moved",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, evening, house)
        | {"moved": _still(evening, "host", message.payload.get("host")), "was": message.payload.get("was", "")},
        files=(calendar_of(booking, edition, evening, house),),
    )


def fitting(edition: Edition, booking: Booking, gone: Slot, now: datetime) -> list[Slot]:
    """Departures of other companies that the whole party could take instead of `gone`, as things are now."""
    party = [Person(one.label, one.age_band) for one in booking.tickets]
    evening = [departure(slot) for slot, _tickets in evening_of(booking) if slot.id != gone.id]
    free = {one.id: one for one in free_slots(edition.id, now, seats=len(party)) if one.host_id != gone.host_id}
    offered = {gone.id: [departure(one) for one in free.values()]}
    ride = ride_between_hosts(edition, cast(Mode, booking.mode))
    ids = instead([*evening, departure(gone)], {gone.id}, offered, party=party, ride=ride, gone=True)
    return sorted((free[one] for one in ids[:MOST_HOURS]), key=lambda one: (one.starts_at, one.id))


def _still(evening: Timetable, what: str, number: int | None) -> Stop:
    found = next((one for one in evening.stops if getattr(one, what) == number), None)
    if found is None:
        raise Moot("the party does not go there any more")
    return found
