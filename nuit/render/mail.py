"""A letter: plain text and HTML of the same words, pictures inside, files beside, headers nobody can inject into."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale, gettext, ngettext

from nuit.conditions import lines
from nuit.errors import N_
from nuit.i18n import NBSP, day, hour, oclock, texts
from nuit.planning.delivery import Unwritable

MARK = Path(__file__).parents[2] / "static" / "img" / "marque.png"
PLAIN = policy.SMTP.clone(cte_type="7bit")
"""Every server takes seven bits."""


@dataclass(frozen=True)
class Enclosure:
    """A file that comes with a letter: `kind` is its media type with parameters, "text/calendar; method=PUBLISH"."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Envelope:
    """From whom, to whom, in which language, when; `key` names the promise, and the Message-ID derives from it."""

    sender: str
    to: str
    key: str
    locale: str
    at: datetime
    reply_to: str = ""


def letter(
    kind: str, envelope: Envelope, words: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None,
    files: tuple[Enclosure, ...] = (),
) -> EmailMessage:  # fmt: skip
    """The letter of a kind (templates/mail/KIND.txt and .html) in the language of its envelope.

    `pictures` are PNGs by the name under which the HTML shows them (`cid:NAME@nuit`); the mark is always there.
    Raises Unwritable where the address does not fit a header.
    """
    with force_locale(envelope.locale):
        subject = _one_line(SUBJECTS[kind](words))
        values = {**words, "subject": subject, "locale": envelope.locale, "lines": lines}
        text, html = (_drawn(f"mail/{kind}.{form}", values) for form in ("txt", "html"))
    message = _addressed(envelope, subject)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    shown = _last_part(message)
    for name, picture in {"mark": _mark(), **(pictures or {})}.items():
        shown.add_related(picture, "image", "png", cid=f"<{name}@nuit>", disposition="inline", filename=f"{name}.png")
    for file in files:
        _enclose(message, file)
    message["Content-Language"] = envelope.locale  # last: giving it content clears what describes the content
    return message


def _confirmation(words: Mapping[str, Any]) -> str:
    stops, people = len(words["evening"].stops), len(words["people"])
    said: str = gettext(
        "Votre soirée du %(day)s : %(stops)s, %(people)s",
        day=day(words["edition"].night, year=False, weekday=False),
        stops=ngettext("%(num)s visite", "%(num)s visites", stops),
        people=ngettext("%(num)s personne", "%(num)s personnes", people),
    )
    return said


def _on_the_day(sentence: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda words: gettext(sentence, day=day(words["edition"].night, year=False, weekday=False))


def _reminder(words: Mapping[str, Any]) -> str:
    first, leg = words["first"], words["leg"]
    said: str = gettext(
        "Partez à %(leave)s : %(company)s, visite à %(hour)s",
        leave=hour(leg.leave_by), company=first.company, hour=hour(first.starts_at),
    )  # fmt: skip
    return said


SUBJECTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "confirmation": _confirmation,
    "confirm_address": lambda words: gettext(
        "À confirmer avant %(until)s : votre soirée du %(day)s",
        until=oclock(words["until"]),
        day=day(words["edition"].night, year=False, weekday=False),
    ),
    "given_back": _on_the_day(N_("Votre soirée du %(day)s est rendue")),
    "resend": _on_the_day(N_("Vos billets pour la nuit du %(day)s")),
    "sign_in": lambda words: gettext("Votre code : %(code)s", code=f"{words['code'][:3]} {words['code'][3:]}"),
    "invitation": lambda words: (
        gettext("La nuit de l’industrie : votre page en dix minutes")
        if words.get("guided")
        else gettext("Votre accès à La nuit de l’industrie")
    ),
    "circular": lambda words: texts(words["subject_texts"]),
    "thanks": lambda _: gettext("Merci pour cette nuit"),
    "reminder_day": lambda words: gettext(
        "Demain : votre soirée commence à %(hour)s, %(company)s",
        hour=hour(words["first"].starts_at),
        company=words["first"].company,
    ),
    "reminder_hours": _reminder,
    "slot_moved": lambda words: gettext(
        "Nouvelle heure : %(company)s, %(hour)s au lieu de %(was)s",
        company=words["moved"].company,
        hour=hour(words["moved"].starts_at),
        was=hour(words["was"]),
    ),
    "offer": lambda words: ngettext(
        "%(num)s place libre jusqu’à %(until)s : %(company)s, %(hour)s",
        "%(num)s places libres jusqu’à %(until)s : %(company)s, %(hour)s",
        words["size"],
        until=oclock(words["until"]),
        company=words["stop"].company,
        hour=hour(words["stop"].starts_at),
    ),
    "offer_lapsed": lambda words: gettext(
        "Offre passée au groupe suivant : %(company)s, %(hour)s",
        company=words["stop"].company,
        hour=hour(words["stop"].starts_at),
    ),
    "in_line": lambda _: gettext("Vous êtes dans la file"),
    "place_moved": lambda words: gettext("Nouvelle adresse : %(company)s", company=words["moved"].company),
    "slot_cancelled": lambda words: gettext(
        "Visite annulée : %(company)s, %(hour)s", company=words["gone"].company, hour=hour(words["gone"].starts_at)
    ),
}


def message_id(key: str, sender: str) -> str:
    """The same promise gives the same Message-ID: whoever receives it twice can see that it is one (RFC 5322 3.6.4)."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _addressed(envelope: Envelope, subject: str) -> EmailMessage:
    message = EmailMessage(policy=PLAIN)
    name, address = parseaddr(envelope.sender)
    message["From"] = Address(_one_line(name), addr_spec=address)
    try:
        message["To"] = Address(addr_spec=envelope.to)
    except (ValueError, MessageError):
        raise Unwritable("its address fits no header") from None
    message["Subject"] = subject
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = message_id(envelope.key, envelope.sender)
    message["Auto-Submitted"] = "auto-generated"
    if envelope.reply_to:
        message["Reply-To"] = Address(addr_spec=envelope.reply_to)
    return message


def _one_line(text: str) -> str:
    """One line of printable text; what was a line end or a control character is a blank."""
    plain = "".join(one if one.isprintable() or one == NBSP else " " for one in text)
    return re.sub(" {2,}", " ", plain).strip()[:200]


def _drawn(name: str, words: Mapping[str, Any]) -> str:
    """The template, with nothing of any request in it: letters are drawn by the worker."""
    return current_app.jinja_env.get_template(name).render(**words)


@cache
def _mark() -> bytes:
    return MARK.read_bytes()


def _enclose(message: EmailMessage, file: Enclosure) -> None:
    kind, *parameters = (one.strip() for one in file.kind.split(";"))
    main, _, sub = kind.partition("/")
    message.add_attachment(file.content, main, sub, filename=file.name)
    for one in parameters:
        name, _, value = one.partition("=")
        _last_part(message).set_param(name, value)


def _last_part(message: EmailMessage) -> EmailMessage:
    parts: list[EmailMessage] = message.get_payload()  # type: ignore[assignment]
    return parts[-1]
