"""An independent judge of evenings: reads what a visitor was told and the bare tables, and shares no line with the house.

`hear` is asked by every test client about every answer of the planner, so that each evening that any test is ever given
has been judged; `read_page`, `read_answer` and `read_text` bring the page, the API and the command to one form.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

SION = ZoneInfo("Europe/Zurich")
OLDEST = {"18+": 200, "16-17": 17, "14-15": 15, "12-13": 13, "0-11": 11}
YOUNGEST = {"18+": 18, "16-17": 16, "14-15": 14, "12-13": 12, "0-11": 0}
FASTEST = {"ebike25": 35, "ebike45": 50, "bike": 35, "foot": 8}
"""km/h that nobody passes, not even in a straight line."""


@dataclass(frozen=True)
class Called:
    """A stop as it was told: `slot` above zero is a departure; leave and arrive where they are said."""

    slot: int
    begins: datetime
    ends: datetime
    leaves: datetime | None = None
    arrives: datetime | None = None


@dataclass(frozen=True)
class Told:
    """An evening as it was told, and what had been asked."""

    stops: list[Called]
    begin: datetime
    until: datetime
    home: datetime | None
    ages: list[str]
    mode: str
    scores: dict[str, int] | None = None
    value: int = 0
    bound: int = 0
    proven: bool = True
    locked: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)


@cache
def engine_of(address: str) -> Engine:
    return create_engine(address, poolclass=NullPool)


def departures(address: str, slots: list[int]) -> dict[int, dict[str, Any]]:
    """The bare rows of these slots."""
    query = text(
        "select s.id, s.starts_at, s.ends_at, s.capacity, s.taken, s.status, h.lon, h.lat, h.state, v.conditions, c.slug,"
        " c.id as company, e.max_stops, e.is_current from slot s join visit v on v.id = s.visit_id join host h on h.id ="
        " s.host_id join company c on c.id = h.company_id join edition e on e.id = s.edition_id where s.id = :slot"
    )
    with engine_of(address).connect() as connection:
        rows = [connection.execute(query, {"slot": slot}).mappings().first() for slot in slots]
    return {row["id"]: dict(row) for row in rows if row}


def complaints(told: Told, address: str, now: datetime) -> list[str]:
    """Everything that is wrong with an evening; nothing when it can be had."""
    rows = departures(address, [one.slot for one in told.stops if one.slot > 0])
    return [*_hours(told, now), *_departures(told, rows), *_rides(told, rows), *_worth(told, rows)]


def _hours(told: Told, now: datetime) -> list[str]:
    wrong = [f"{one.slot} ends before it begins" for one in told.stops if one.ends <= one.begins]
    ends = [told.begin, *(one.ends for one in told.stops)]
    for free, one in zip(ends, told.stops, strict=False):
        if (one.leaves or one.begins) < free:
            wrong.append(f"{one.slot}: the party must leave at {one.leaves or one.begins}, it is free at {free}")
        if one.leaves and one.arrives and not one.leaves <= one.arrives <= one.begins:
            wrong.append(f"{one.slot}: leave {one.leaves}, arrive {one.arrives}, begin {one.begins}")
        if one.begins < now:
            wrong.append(f"{one.slot} has begun")
    home = told.home or ends[-1]
    return wrong + ([f"home at {home}"] if not ends[-1] <= home <= told.until else [])


def _departures(told: Told, rows: dict[int, dict[str, Any]]) -> list[str]:
    wrong = []
    for one in (one for one in told.stops if one.slot > 0):
        row = rows.get(one.slot)
        if row is None or row["state"] != "published" or not row["is_current"]:
            wrong.append(f"{one.slot} is not on show")
            continue
        if (_instant(row["starts_at"]), _instant(row["ends_at"])) != (one.begins, one.ends):
            wrong.append(f"{one.slot} is at another hour")
        if row["status"] != "open" or row["capacity"] - row["taken"] < len(told.ages):
            wrong.append(f"{one.slot} has no {len(told.ages)} places")
        wrong += [f"{one.slot}: {why}" for why in _refused(told.ages, row["conditions"])]
    companies = [row["company"] for row in rows.values()]
    if len(set(companies)) < len(companies):
        wrong.append("a company twice")
    if rows and len(rows) > next(iter(rows.values()))["max_stops"]:
        wrong.append("more visits than may be booked")
    if told.refused & set(rows):
        wrong.append("a departure that was refused")
    return wrong


def _refused(ages: list[str], conditions: Any) -> list[str]:
    told = json.loads(conditions) if isinstance(conditions, str) else conditions
    limits = {one["kind"]: int(one.get("value") or 0) for one in told}
    young = [age for age in ages if OLDEST[age] < limits.get("min_age", 0)]
    alone = "18+" not in ages and any(YOUNGEST[age] < limits.get("accompanied_under", 0) for age in ages)
    return [*(f"{age} is too young" for age in young), *(["nobody accompanies"] if alone else [])]


def _rides(told: Told, rows: dict[int, dict[str, Any]]) -> list[str]:
    """Between two visits there is at least the time of the fastest rider on a straight line."""
    visits = [one for one in told.stops if one.slot in rows]
    wrong = []
    for one, other in pairwise(visits):
        a, b = rows[one.slot], rows[other.slot]
        metres = 111_195 * hypot((a["lon"] - b["lon"]) * cos(radians(a["lat"])), a["lat"] - b["lat"])
        needed = timedelta(hours=metres / 1000 / FASTEST[told.mode])
        if (other.arrives or other.begins) < (other.leaves or one.ends) + needed:
            wrong.append(f"{one.slot} to {other.slot}: {metres:.0f} m take longer")
    return wrong


def _worth(told: Told, rows: dict[int, dict[str, Any]]) -> list[str]:
    wrong = []
    if not 0 <= told.value <= told.bound or told.proven != (told.value == told.bound):
        wrong.append(f"value {told.value}, bound {told.bound}, proven {told.proven}")
    if told.scores is not None:
        points = sum(told.scores.get(row["slug"], 0 if told.scores else 1) for row in rows.values())
        wrong += [f"worth {points}, not {told.value}"] if points != told.value else []
    return wrong


def _instant(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def read_answer(asked: dict[str, Any], answer: dict[str, Any]) -> list[Told]:
    """The evenings of POST /api/v1/itineraries."""
    found = []
    scores = {one["company"]: one.get("score", 1) for one in asked.get("wishes", [])}
    for one in answer["itineraries"]:
        stops = [
            Called(stop["slot"], *(_instant(stop[name]) for name in ("starts_at", "ends_at", "leave_at", "arrive_at")))
            for stop in one["stops"]
        ]
        found.append(Told(
            stops, _instant(asked["start_at"]), _instant(asked["end_at"]),
            _instant(one["home_at"]), [who["age_band"] for who in asked["party"]], asked.get("mode", "ebike25"),
            scores if one["kind"] == "best" else None, one["value"], one["bound"], one["proven"],
            set(asked.get("locked", [])), set(asked.get("refused", [])),
        ))  # fmt: skip
    return found


_STOP = re.compile(
    r'<li class="stop" id="etape-(-?\d+)".*?datetime="([^"]+)">.*?</time><small>\D*(\d\d:\d\d)</small>(.*?)(?=<li class="stop")',
    re.S,
)
_HOME = re.compile(r'<li class="stop" data-kind="home">.*?datetime="([^"]+)"', re.S)
_BOOK = re.compile(r'href="(/\w\w/reservation\?creneaux=[^"]*)"')


def read_page(query: str, page: str, opens: datetime, closes: datetime) -> Told | None:
    """The evening that is open on the composing page; None where there is none, or none that can be booked."""
    link, home = _BOOK.search(page), _HOME.search(page)
    if link is None or home is None:
        return None
    booked, asked = parse_qs(urlsplit(unescape(link[1])).query), parse_qs(query)
    stops = []
    for slot, begins, hour, _rest in _STOP.findall(page):
        start = _instant(begins)
        stops.append(Called(int(slot), start, _at(hour, start)))
    told = [one.slot for one in stops if one.slot > 0]
    assert told == [int(one) for one in booked["creneaux"][0].split(".")], "the link books something else"
    hours = {name: _hour(asked.get(name, [""])[0], opens) for name in ("de", "a", "train")}
    until = min(hours["a"] or hours["train"] or closes, hours["train"] or closes + timedelta(days=1))
    return Told(stops, hours["de"] or opens, until, _instant(home[1]), booked["ages"][0].split(","), booked["mode"][0])


def _at(hour: str, after: datetime) -> datetime:
    """The first instant at or after another at which the clocks of Sion say this."""
    begin = after.astimezone(SION)
    found = begin.replace(hour=int(hour[:2]), minute=int(hour[3:]))
    return (found if found >= begin else found + timedelta(days=1)).astimezone(UTC)


def _hour(word: str, opens: datetime) -> datetime | None:
    found = re.fullmatch(r"(\d?\d)[:hH.](\d\d)", word.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    begin = opens.astimezone(SION)
    day = begin + timedelta(days=int(found[1]) < 6)
    return day.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0).astimezone(UTC)


_LINE = re.compile(r"^  (\d\d:\d\d)  (.+) until (\d\d:\d\d) \((\d+) min to come, [^,)]*(?:, (\d+) min early)?(.*?)\)$")


def read_text(said: str, address: str, begin: datetime, until: datetime, ages: list[str]) -> list[Told]:
    """The evenings that bin/nuit plan prints; a departure is found by its company and hour."""
    found = []
    for block in said.strip().split("\n\n"):
        head, first, *lines, last = block.splitlines()
        leaves = _at(first.split()[0], begin)
        stops: list[Called] = []
        for line in lines:
            match = _LINE.fullmatch(line)
            assert match, line
            starts = _at(match[1], stops[-1].ends if stops else leaves)
            arrives = starts - timedelta(minutes=int(match[5] or 0))
            slot = _slot(address, match[2], starts) if match[6] else -1
            stops.append(
                Called(slot, starts, _at(match[3], starts), arrives - timedelta(minutes=int(match[4])), arrives)
            )
        value, bound = (int(one) for one in re.findall(r"(\d+) points of (\d+) at most", head)[0])
        home = _at(last.split()[0], stops[-1].ends)
        proven = "no other is better" in head
        found.append(Told(stops, begin, until, home, ages, "ebike25", None, value, bound, proven))
    return found


def _slot(address: str, company: str, starts: datetime) -> int:
    query = text(
        "select s.id, s.starts_at from slot s join host h on h.id = s.host_id join company c on c.id = h.company_id "
        "join edition e on e.id = s.edition_id where c.name = :name and e.is_current"
    )
    with engine_of(address).connect() as connection:
        rows = connection.execute(query, {"name": company}).all()
    return next((row[0] for row in rows if _instant(row[1]) == starts), 0)


def hear(answer: TestResponse, asked: dict[str, Any], address: str) -> None:
    """Judges the evenings in an answer of the planner, asked with `json` or `data`; other answers pass."""
    path = answer.request.path
    if answer.status_code != 200 or not (path.endswith("/soiree") or path == "/api/v1/itineraries"):
        return
    for told in _evenings(answer, asked, address):
        wrong = complaints(told, address, datetime.now(UTC).replace(second=0, microsecond=0))
        assert wrong == [], (wrong, told)


def _evenings(answer: TestResponse, asked: dict[str, Any], address: str) -> list[Told]:
    if answer.is_json:
        return read_answer(asked.get("json") or json.loads(asked["data"]), answer.get_json())
    with engine_of(address).connect() as connection:
        hours = connection.execute(text("select opens_at, closes_at from edition where is_current")).first()
    if hours is None:
        return []
    told = read_page(answer.request.query_string.decode(), answer.get_data(as_text=True), *map(_instant, hours))
    return [told] if told else []
