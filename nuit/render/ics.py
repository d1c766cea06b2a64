"""An evening as a calendar file: one event a stop, which keeps its identity when the evening changes."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from urllib.parse import urlsplit

from flask_babel import force_locale, gettext
from icalendar import Alarm, Calendar, Event

from nuit.clock import ZURICH
from nuit.conditions import lines
from nuit.i18n import hour, texts
from nuit.models import Booking
from nuit.planning.timetable import Leg, Stop, Timetable

WARNING = timedelta(minutes=10)
"""How long before one must leave the alarm sounds."""


def evening_ics(
    booking: Booking, evening: Timetable, gone: Sequence[Stop], *, url: str, locale: str | None = None,
    organiser: str = "",
) -> bytes:  # fmt: skip
    """The evening in the spoken language, or in `locale` (RFC 5545); `gone` are stops that were given back or cancelled.

    Each event's UID is made of reference and slot, its SEQUENCE is the booking's: a calendar that has an older file
    replaces what it knows. Times are in Europe/Zurich, whose rules travel along. `url` is the evening's page,
    `organiser` the address that answers for it (RFC 5546 wants one in what is published).
    """
    with force_locale(locale) if locale else nullcontext():
        return _calendar(booking, evening, gone, url, organiser)


def _calendar(booking: Booking, evening: Timetable, gone: Sequence[Stop], url: str, organiser: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//La nuit de l’industrie//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH" if evening.stops else "CANCEL")
    for stop, leg in zip(evening.stops, evening.legs, strict=True):
        calendar.add_component(_event(booking, stop, leg, url))
    for stop in gone:
        calendar.add_component(_event(booking, stop, None, url))
    for event in calendar.walk("VEVENT") if organiser else ():
        event.add("organizer", f"mailto:{organiser}")
    year = booking.created_at.year
    calendar.add_missing_timezones(first_date=date(year, 1, 1), last_date=date(year + 2, 12, 31))
    return bytes(calendar.to_ical())


def _event(booking: Booking, stop: Stop, leg: Leg | None, url: str) -> Event:
    event = Event()
    event.add("uid", f"{booking.reference}-{stop.slot}@{urlsplit(url).hostname or 'nuit'}")
    event.add("sequence", booking.sequence)
    event.add("dtstamp", booking.changed_at)
    event.add("last-modified", booking.changed_at)
    event.add("dtstart", stop.starts_at.astimezone(ZURICH))
    event.add("dtend", stop.ends_at.astimezone(ZURICH))
    event.add("summary", stop.company)
    event.add("location", f"{stop.company}, {stop.address}")
    event.add("geo", (stop.lat, stop.lon))
    event.add("url", url)
    event.add("status", "CANCELLED" if leg is None else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if leg is None else "OPAQUE")
    if leg is not None:
        event.add("description", "\n".join(_said(stop, leg)))
        event.add_component(_alarm(stop, leg))
    return event


def _said(stop: Stop, leg: Leg) -> list[str]:
    conditions = [f"{words} ({small})" if small else words for _icon, words, small in lines(stop.conditions)]
    return [
        part
        for part in (texts(stop.visit), _leave(leg), texts(stop.access), ". ".join(conditions), ", ".join(stop.who))
        if part
    ]


def _leave(leg: Leg) -> str:
    return gettext("Partez à %(hour)s au plus tard.", hour=hour(leg.leave_by)) if leg.minutes else ""


def _alarm(stop: Stop, leg: Leg) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"{stop.company}. {_leave(leg)}".strip())
    alarm.add("trigger", leg.leave_by - WARNING - stop.starts_at)
    return alarm
