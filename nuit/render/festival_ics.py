"""The festival as calendar files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nuit.clock import local


@dataclass(frozen=True)
class Event:
    """One entry; `uid` stays the same for ever, `version` grows when it changes; without an end it lasts half an hour."""

    uid: str
    title: str
    summary: str
    place: str
    lon: float
    lat: float
    starts_at: datetime
    ends_at: datetime | None
    version: int
    link: str


def festival_ics(name: str, events: Iterable[Event], *, now: datetime) -> bytes:
    """An RFC 5545 calendar of these events, on the wall clock of Sion, its time zone included."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//La nuit de l’industrie//Festival//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(_entry(event, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(event: Event, now: datetime) -> Any:
    from icalendar import Event as Entry

    entry = Entry()
    entry.add("uid", event.uid)
    entry.add("dtstamp", now)
    entry.add("sequence", event.version - 1)
    entry.add("dtstart", local(event.starts_at))
    entry.add("dtend", local(event.ends_at or event.starts_at + timedelta(minutes=30)))
    entry.add("summary", event.title)
    entry.add("description", event.summary)
    entry.add("location", event.place)
    entry.add("geo", (round(event.lat, 5), round(event.lon, 5)))
    entry.add("url", event.link)
    return entry
