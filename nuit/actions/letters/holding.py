"""The letter whose link confirms an address."""

from datetime import datetime
from email.message import EmailMessage

from nuit.actions.letters.parts import House, booking_of, envelope_of, evening_page, timetable_of, words_of
from nuit.keys import confirm_token
from nuit.models import Message
from nuit.planning.delivery import Moot
from nuit.queries.ride import stop_of
from nuit.queries.waiting import queued
from nuit.render.mail import letter


def confirm_address(message: Message, house: House, now: datetime) -> EmailMessage:
    """What is held, until when, and the link to the button that confirms it; no code, no calendar. Raises Moot.

    Whoever only follows links, as mail scanners do, changes nothing.
    """
    booking, edition = booking_of(message)
    until = booking.held_until
    if booking.state != "held" or until is None or until <= now or message.to != booking.email:
        raise Moot("it is confirmed, given up or over")
    key = confirm_token(house.keys.secret, booking.reference, booking.email)
    return letter(
        "confirm_address",
        envelope_of(message, house, edition, now),
        words_of(booking, edition, timetable_of(edition, booking), house)
        | {
            "until": until,
            "confirm": f"{evening_page(house, booking)}/confirmer?cle={key}",
            "queues": [stop_of(slot) for slot, line in queued(booking.id) if line.is_standing],
        },
    )
