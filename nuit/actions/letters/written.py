"""Letters in somebody's own words, and the thanks after the night."""

from datetime import datetime
from email.message import EmailMessage

from nuit.actions.letters.parts import House, booking_of, envelope_of, evening_link
from nuit.keys import survey_token
from nuit.models import Message
from nuit.planning.delivery import Moot
from nuit.queries.edition import current_edition
from nuit.queries.writing import circular_by_id, host_name, visited
from nuit.render.mail import letter


def circular(message: Message, house: House, now: datetime) -> EmailMessage:
    """What an organiser or a company has written, in the reader's language, else in French."""
    said = message.payload
    if "circular" not in said:
        words = {"subject_texts": said["subject"], "body": said["body"], "by": _name(said.get("by_host")), "link": ""}
        return letter("circular", envelope_of(message, house, current_edition(), now), words)
    found = circular_by_id(said["circular"])
    booking, edition = booking_of(message)
    if found is None or booking.state != "confirmed":
        raise Moot("it does not concern this party any more")
    words = {
        "subject_texts": found.subject, "body": found.body, "by": _name(found.by_host_id),
        "link": evening_link(house, booking),
    }  # fmt: skip
    return letter("circular", envelope_of(message, house, edition, now), words)


def _name(host_id: int | None) -> str:
    return host_name(host_id) if host_id else ""


def thanks(message: Message, house: House, now: datetime) -> EmailMessage:
    """Thanks, and the link to a survey of one minute."""
    booking, edition = booking_of(message)
    hosts = visited(booking)
    if not hosts:
        raise Moot("nobody of the party came")
    token = survey_token(house.keys.secret, booking.reference)
    words = {
        "edition": edition,
        "hosts": [host.company.name for host in hosts],
        "survey": f"{house.url}/{booking.locale}/avis/{booking.reference}/{token}",
    }
    return letter("thanks", envelope_of(message, house, edition, now), words)
