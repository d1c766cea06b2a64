"""Checking in: every reading leaves a row, whatever the verdict; presence is folded anew from all of a party's scans."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nuit.db import db, transaction
from nuit.models import Booking, Device, Scan, Seat
from nuit.planning import door as rule
from nuit.planning.ticketcode import BadTicket, normalise_code, verify
from nuit.queries.door.party import Kept, Night, People, Whose, people_of, scans_of, whose_codes, whose_tokens

SEEN_EVERY = timedelta(seconds=15)

# Built once; the same nonce in two requests at once: one of them has written it.
_INSERT = {
    "sqlite": sqlite.insert(Scan).on_conflict_do_nothing(index_elements=["nonce"]),
    "postgresql": postgresql.insert(Scan).on_conflict_do_nothing(index_elements=["nonce"]),
}
_TURN = update(Scan).where(Scan.id == bindparam("scan"))
_MOVE = update(Seat).where(Seat.id == bindparam("seat"))


@dataclass(frozen=True)
class Gate:
    """At which host's door, by which phone (its `name`) or member; nothing was read before `since`."""

    host: int
    since: datetime
    device: int | None = None
    name: str = ""
    member: int | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What one reading means now; `people` is None where nothing of ours was read."""

    scan: rule.Scan
    verdict: rule.Verdict
    shown: str
    booking: int | None = None
    answers: tuple[rule.Answer, ...] = ()
    people: People | None = None
    devices: Mapping[str, str] | None = None

    @property
    def given(self) -> str:
        """What the phone has shown; where it waited for us, what we say."""
        return self.shown or self.verdict.word

    @property
    def conflict(self) -> bool:
        """The phone let somebody in who, as is known now, had come in before."""
        return self.given == rule.ADMITTED and self.verdict.word == rule.ALREADY_IN


def check_in(
    night: Night,
    gate: Gate,
    readings: Sequence[rule.Reading],
    *,
    public_key: Ed25519PublicKey,
    sent_at: datetime,
    now: datetime,
    battery: int | None = None,
    queue: int | None = None,
) -> list[Outcome]:
    """Records a batch of readings and says what each means now, in their order.

    Idempotent by nonce: the first content of a nonce stays. Any order of batches ends in the same state. `sent_at` is
    the phone's own time of sending, which sets its clock right; `given` stays what the phone has shown.
    """
    first = {one.nonce: one for one in reversed(readings)}
    instants = {one.nonce: rule.corrected(one.at, sent_at, now=now, since=gate.since) for one in first.values()}
    tokens = {one.nonce: token_id for one in first.values() if (token_id := _token_id(one, night.id, public_key))}
    with transaction():
        if gate.device is not None:
            _seen(gate, battery, queue, now)
        whose = _whose(night.id, tokens, first.values())
        kept = _kept({one.booking for one in whose.values()}, first)
        fresh = {
            nonce: _fresh(one, instants[nonce], gate, whose.get(nonce))
            for nonce, one in first.items()
            if nonce not in kept
        }
        outcomes = _outcomes({**fresh, **kept}, night.tolerance)
        _insert([outcomes[nonce] for nonce in fresh], first, gate, night.id, now)
        _correct(kept, outcomes)
    return [outcomes[one.nonce] for one in readings]


def _seen(gate: Gate, battery: int | None, queue: int | None, now: datetime) -> None:
    if gate.seen_at is None or now - gate.seen_at > SEEN_EVERY:
        values = {"last_seen_at": now, "battery": battery, "queue": queue}
        db.session.execute(update(Device).where(Device.id == gate.device).values(values))


def _whose(edition_id: int, tokens: Mapping[str, bytes], readings: Collection[rule.Reading]) -> dict[str, Whose]:
    """By nonce: whose code was read; what is not ours, or another edition's, is missing."""
    codes = {one.nonce: code for one in readings if (code := _code(one))}
    by_token = whose_tokens(edition_id, set(tokens.values()))
    by_code = whose_codes(edition_id, set(codes.values()))
    found = {nonce: by_token.get(token_id) for nonce, token_id in tokens.items()}
    found |= {nonce: by_code.get(code) for nonce, code in codes.items()}
    return {nonce: whose for nonce, whose in found.items() if whose}


def _token_id(reading: rule.Reading, edition_id: int, public_key: Ed25519PublicKey) -> bytes | None:
    try:
        ticket = verify(public_key, reading.token)
    except BadTicket:
        return None
    return ticket.token_id if ticket.edition == edition_id else None


def _code(reading: rule.Reading) -> str | None:
    try:
        return normalise_code(reading.code)
    except BadTicket:
        return None


def _fresh(reading: rule.Reading, at: datetime, gate: Gate, whose: Whose | None) -> Kept:
    scan = rule.Scan(
        reading.nonce, at, gate.host, whose.ticket if whose else None, reading.admit, reading.who, bool(reading.reason)
    )
    return Kept(scan, whose.booking if whose else None, reading.given, device=gate.name)


def _kept(bookings: set[int], nonces: Collection[str]) -> dict[str, Kept]:
    """Every stored scan that matters here, by nonce, its party locked first: two phones cannot fold past each other."""
    _lock(bookings)
    kept = scans_of(bookings, nonces)
    others = {one.booking for one in kept if one.booking is not None} - bookings
    if others:  # nonces that came before with another code: their parties are folded too
        _lock(others)
        kept = scans_of(bookings | others, nonces)
    return {one.scan.nonce: one for one in kept}


def _lock(bookings: Collection[int]) -> None:
    """In ascending id, so that two batches never wait for each other; SQLite has locked everything already."""
    if bookings and db.engine.dialect.name != "sqlite":
        db.session.execute(select(Booking.id).where(Booking.id.in_(bookings)).order_by(Booking.id).with_for_update())


def _outcomes(scans: Mapping[str, Kept], tolerance: rule.Tolerance) -> dict[str, Outcome]:
    """By nonce: what each scan means once all of its party's scans are folded."""
    by_booking: dict[int, list[Kept]] = {}
    for one in scans.values():
        if one.booking is not None:
            by_booking.setdefault(one.booking, []).append(one)
    outcomes = {nonce: Outcome(one.scan, rule.Verdict(rule.UNKNOWN), one.given) for nonce, one in scans.items()}
    for booking, people in people_of(by_booking).items():
        outcomes |= _folded(booking, people, by_booking[booking], tolerance)
    return outcomes


def _folded(booking: int, people: People, scans: Sequence[Kept], tolerance: rule.Tolerance) -> dict[str, Outcome]:
    known = [replace(one.scan, granted=people.granted(one.scan)) if one.id is not None else one.scan for one in scans]
    answers = rule.fold(people.party, known, tolerance).answers
    devices = {one.scan.nonce: one.device for one in scans}
    outcomes = {}
    for one in scans:
        told = answers[one.scan.nonce]
        outcomes[one.scan.nonce] = Outcome(
            one.scan, rule.whole(told, one.scan), one.given, booking, told, people, devices
        )
    return outcomes


def _insert(
    outcomes: Sequence[Outcome],
    readings: Mapping[str, rule.Reading],
    gate: Gate,
    edition_id: int,
    now: datetime,
) -> None:
    rows = [
        {
            "nonce": one.scan.nonce, "edition_id": edition_id, "host_id": gate.host, "device_id": gate.device,
            "member_id": gate.member, "booking_id": one.booking, "ticket_id": one.scan.ticket,
            "slot_id": _slot(one), "at": readings[one.scan.nonce].at, "corrected_at": one.scan.at, "received_at": now,
            "verdict": one.verdict.word, "given": one.given, "admit": one.scan.admit,
            "who": sorted(one.scan.who) if one.scan.who is not None else None,
            "reason": readings[one.scan.nonce].reason,
        }
        for one in outcomes
    ]  # fmt: skip
    if rows:
        db.session.connection().execute(_INSERT[db.engine.dialect.name], rows)


def _slot(outcome: Outcome) -> int | None:
    seat = outcome.verdict.seat
    return outcome.people.places[seat].slot if outcome.people and seat is not None else None


def _correct(kept: Mapping[str, Kept], outcomes: Mapping[str, Outcome]) -> None:
    """Brings stored verdicts and the seats' `entered_at` to what the fold says now."""
    turned = [
        {"scan": one.id, "verdict": outcomes[nonce].verdict.word, "slot_id": _slot(outcomes[nonce])}
        for nonce, one in kept.items()
        if one.scan.settled != outcomes[nonce].verdict.word
    ]
    if turned:
        db.session.connection().execute(_TURN, turned)
    moved = [
        {"seat": seat, "entered_at": at}
        for booking, people in {one.booking: one.people for one in outcomes.values() if one.people}.items()
        for seat, at in _entries(booking, outcomes).items()
        if people.places[seat].entered_at != at
    ]
    if moved:
        db.session.connection().execute(_MOVE, moved)


def _entries(booking: int | None, outcomes: Mapping[str, Outcome]) -> dict[int, datetime]:
    """When each seat of a party was entered, as its outcomes tell."""
    return {
        answer.verdict.seat: one.scan.at
        for one in outcomes.values()
        if one.booking == booking
        for answer in one.answers
        if answer.entered and answer.verdict.seat is not None
    }
