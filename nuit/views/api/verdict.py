"""A scan's outcome as the phone reads it: the verdict, and what the volunteer may have to say."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from nuit.actions.door import Outcome
from nuit.planning.door import ADMITTED, Entry, Seat, Verdict
from nuit.planning.presence import Answer
from nuit.queries.door.party import Night, People
from nuit.queries.door.phone import edition_of
from nuit.queries.ride import ride_between_hosts


def scan_document(outcome: Outcome, night: Night) -> dict[str, Any]:
    """One result of POST /api/v1/scans; a party's has `tickets`, one for each of its people."""
    found: dict[str, Any] = {
        "nonce": outcome.scan.nonce,
        "kind": outcome.scan.kind,
        "verdict": outcome.verdict.word,
        "given": outcome.given,
        "ticket": outcome.scan.ticket,
        "conflict": outcome.conflict,
        "undone": outcome.undone,
        "persons": outcome.persons,
        "left": outcome.left,
        **_facts(outcome.verdict, outcome, night),
    }
    people = outcome.people
    if people is None:
        return found
    if outcome.scan.ticket is not None:
        return found | {"who": asdict(people.persons[outcome.scan.ticket])}
    return found | {"seat": None, "tickets": [_person(answer, outcome, people) for answer in outcome.answers]}


def _facts(verdict: Verdict, outcome: Outcome, night: Night) -> dict[str, Any]:
    people = outcome.people
    seat = _seat(people, verdict.seat)
    return {
        "seat": verdict.seat,
        "slot": people.places[seat.id].slot if people and seat else outcome.slot,
        "starts_at": _iso(seat.starts_at) if seat else None,
        "opens_at": _iso(seat.opens_at(night.tolerance)) if seat else None,
        "gone_at": _iso(seat.gone_at) if seat else None,
        "reason": verdict.reason,
        "first": _first(verdict.first, outcome),
        "elsewhere": _elsewhere(verdict, outcome, night) if people and verdict.word != ADMITTED else None,
    }


def _seat(people: People | None, seat: int | None) -> Seat | None:
    return next((one for one in people.party.seats if one.id == seat), None) if people else None


def _first(entry: Entry | None, outcome: Outcome) -> dict[str, Any] | None:
    """When and where somebody came in on this seat before: `here` = through this very door."""
    if entry is None or outcome.people is None:
        return None
    return {
        "at": _iso(entry.at),
        "door": outcome.people.places[entry.seat].company if entry.seat is not None else "",
        "here": entry.door == outcome.scan.door,
        "device": (outcome.devices or {}).get(entry.nonce, ""),
    }


def _elsewhere(verdict: Verdict, outcome: Outcome, night: Night) -> dict[str, Any] | None:
    """Where the person is expected next: `minutes` of the party's own ride, `possible` while it can be in time."""
    seat = _seat(outcome.people, verdict.elsewhere)
    if seat is None or outcome.people is None:
        return None
    minutes = round(ride_between_hosts(edition_of(night), outcome.people.mode)(outcome.scan.door, seat.door))
    return {
        "company": outcome.people.places[seat.id].company,
        "starts_at": _iso(seat.starts_at),
        "minutes": minutes,
        "possible": outcome.scan.at + timedelta(minutes=minutes) <= seat.shuts_at(night.tolerance),
    }


def _person(answer: Answer, outcome: Outcome, people: People) -> dict[str, Any]:
    """One of a party; `verdict` is null for who may come in but is not among those who do now."""
    left_out = answer.verdict.word == ADMITTED and not answer.entered and outcome.scan.admit != 0
    return {
        "ticket": answer.ticket,
        "seat": answer.verdict.seat,
        "slot": people.places[answer.verdict.seat].slot if answer.verdict.seat is not None else None,
        "verdict": None if left_out else answer.verdict.word,
        "entered": answer.entered,
        "first": _first(answer.verdict.first, outcome),
        "who": asdict(people.persons[answer.ticket]),
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="milliseconds")
