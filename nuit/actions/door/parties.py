"""What the scans of parties mean: each party's folded anew from all of its scans."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nuit.actions.door.outcome import Outcome
from nuit.planning import door as rule
from nuit.planning.door import BACK, Entry
from nuit.planning.presence import IN, MOVE, Answer, Presence, Scan, fold, whole
from nuit.queries.door.party import Kept, People, people_of
from nuit.queries.door.walked import departure_around


def outcomes_of(scans: Mapping[str, Kept], tolerance: rule.Tolerance) -> tuple[dict[str, Outcome], dict[int, Presence]]:
    """By nonce: what each scan means once all of its party's scans are folded; by booking: who came in."""
    by_booking: dict[int, list[Kept]] = {}
    for one in scans.values():
        if one.booking is not None:
            by_booking.setdefault(one.booking, []).append(one)
    outcomes = {nonce: Outcome(one.scan, rule.Verdict(rule.UNKNOWN), one.given) for nonce, one in scans.items()}
    presences = {}
    for booking, people in people_of(by_booking).items():
        presences[booking] = presence = folded(people, by_booking[booking], tolerance)
        devices = {one.scan.nonce: one.device for one in by_booking[booking]}
        for one in by_booking[booking]:
            outcomes[one.scan.nonce] = _outcome(one, booking, people, presence, devices)
    return outcomes, presences


def folded(people: People, scans: Sequence[Kept], tolerance: rule.Tolerance) -> Presence:
    """Presence of one party; a scan that is stored keeps the seats that it was given."""
    known = [replace(one.scan, granted=people.granted(one.granted)) if one.granted else one.scan for one in scans]
    return fold(people.party, known, tolerance)


def _outcome(one: Kept, booking: int, people: People, presence: Presence, devices: Mapping[str, str]) -> Outcome:
    answers = presence.answers[one.scan.nonce]
    slot, persons, gone = _guests(one, presence, answers)
    return Outcome(
        one.scan, whole(answers, one.scan), one.given, booking, answers, people, devices,
        one.scan.nonce in presence.undone, one.granted if one.scan.kind == MOVE else _granted(one.scan, answers),
        slot, persons, gone,
    )  # fmt: skip


def _granted(scan: Scan, answers: Sequence[Answer]) -> tuple[int, ...]:
    """The seats that somebody came in on because their hour had come: those stay given whatever changes later."""
    return tuple(
        one.verdict.seat
        for one in answers
        if one.entered and one.verdict.seat is not None and one.verdict.reason != BACK and not scan.override
    )


def _guests(one: Kept, presence: Presence, answers: Sequence[Answer]) -> tuple[int | None, int | None, int | None]:
    """How many came in by this scan without a seat, at which departure, and how many of them are out again."""
    if one.scan.kind != IN or not one.scan.override:
        return one.slot if one.scan.kind == MOVE else None, None, None
    mine = [entry for entry in presence.guests.values() if entry.nonce == one.scan.nonce]
    seated = any(answer.entered and answer.verdict.seat is not None for answer in answers)
    if not mine and one.persons is None:
        return (None if seated else one.slot), None, None
    slot = one.slot or departure_around(one.scan.door, one.scan.at)
    return slot, len(mine), len([entry for entry in mine if entry.left_at is not None])


def entered(presence: Presence, people: People) -> dict[int, Entry | None]:
    """By seat: its entry, where the database holds another."""
    found: dict[int, Entry | None] = {}
    for seat, place in people.places.items():
        entry = presence.entries.get(seat)
        if (place.entered_at, place.left_at) != _times(entry):
            found[seat] = entry
    return found


def _times(entry: Entry | None) -> tuple[datetime | None, datetime | None]:
    return (entry.at, entry.left_at) if entry else (None, None)
