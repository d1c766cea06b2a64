"""Letters of the queue: places that are offered, and what a party without any visit waits for."""

from datetime import datetime
from email.message import EmailMessage

from nuit.actions.letters.parts import House, booking_of, envelope_of, evening_link, timetable_of, words_of
from nuit.models import Booking, Edition, Message
from nuit.planning.delivery import Moot
from nuit.planning.evening import fits
from nuit.planning.ride import Mode
from nuit.queries.booking import evening_of
from nuit.queries.ride import ride_between_hosts, stop_of
from nuit.queries.visit import departure
from nuit.queries.waiting import queued
from nuit.render.mail import letter


def offer(message: Message, house: House, now: datetime) -> EmailMessage:
    """Places that came free, until when they are kept, and which visits would go for them. Raises Moot.

    Its link opens a page with two buttons: whoever only follows links, as mail scanners do, changes nothing.
    """
    booking, edition = booking_of(message)
    wait = message.payload.get("wait")
    found = next(
        ((slot, line) for slot, line in queued(booking.id) if line.id == wait and line.status == "offered"), None
    )
    if found is None or found[1].offered_until is None or found[1].offered_until <= now:
        raise Moot("the offer is answered, or over")
    slot, line = found
    ride = ride_between_hosts(edition, _mode(booking))
    gone = [one for one, _who in evening_of(booking) if not fits([departure(one)], departure(slot), ride)]
    return letter(
        "offer",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, timetable_of(edition, booking), house)
        | {
            "stop": stop_of(slot, [one.label for one in booking.tickets]),
            "size": line.size,
            "until": line.offered_until,
            "gone": [stop_of(one) for one in gone],
            "answer": evening_link(house, booking, to=f"offre-{line.id}"),
        },
    )


def offer_lapsed(message: Message, house: House, now: datetime) -> EmailMessage:
    """An offer nobody has answered: its places are the next party's; how to stand in line again. Raises Moot."""
    booking, edition = booking_of(message)
    found = next(((slot, line) for slot, line in queued(booking.id) if line.id == message.payload.get("wait")), None)
    coming = {slot.id for slot, _who in evening_of(booking)}
    if found is None or found[1].status != "lapsed" or found[0].id in coming or found[0].starts_at <= now:
        raise Moot("it has come about otherwise")
    return letter(
        "offer_lapsed",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, timetable_of(edition, booking), house) | {"stop": stop_of(found[0])},
    )


def _mode(booking: Booking) -> Mode:
    mode: Mode = booking.mode  # type: ignore[assignment]
    return mode


def in_line(message: Message, house: House, now: datetime, booking: Booking, edition: Edition) -> EmailMessage | None:
    """What a party that has no visit waits for; None where it does not stand in any queue."""
    lines = [(stop_of(slot), line) for slot, line in queued(booking.id) if line.is_standing]
    if not lines:
        return None
    return letter(
        "in_line",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, timetable_of(edition, booking), house)
        | {"lines_waiting": lines, "size": max(line.size for _stop, line in lines)},
    )
