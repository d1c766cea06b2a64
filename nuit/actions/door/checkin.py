"""Checking in: every reading leaves a row, whatever the verdict; presence is folded anew from all of a party's scans."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nuit.actions.door.moving import move
from nuit.actions.door.outcome import Gate, Outcome, Recorded, Upload, gate_of
from nuit.actions.door.parties import entered, outcomes_of
from nuit.actions.door.together import Together
from nuit.actions.door.walking import is_walk, settle, walk
from nuit.db import connection, db
from nuit.models import Booking, Device, Scan, Seat
from nuit.planning import door as rule
from nuit.planning.presence import MOVE, UNDO, Presence, Reading, corrected
from nuit.planning.presence import Scan as Read
from nuit.planning.ticketcode import BadTicket, TicketCode, normalise_code, verify
from nuit.queries.door.party import Kept, Night, Whose, scans_of, whose_codes, whose_tokens
from nuit.queries.door.phone import phones_by_token
from nuit.queries.door.walked import places_left

SEEN_EVERY = timedelta(seconds=15)

# Built once; the same nonce in two requests at once: one of them has written it.
_INSERT = {
    "sqlite": sqlite.insert(Scan).on_conflict_do_nothing(index_elements=["nonce"]),
    "postgresql": postgresql.insert(Scan).on_conflict_do_nothing(index_elements=["nonce"]),
}
_TURN = update(Scan).where(Scan.id == bindparam("scan"))
_MOVE = update(Seat).where(Seat.id == bindparam("seat"))
_SEEN = update(Device).where(Device.id == bindparam("device"))


def check_in(
    night: Night,
    gate: Gate,
    readings: Sequence[Reading],
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
    signed = _signed(readings, public_key)
    recorded = _together.ask(Upload((night, gate), readings, signed, sent_at, now, battery, queue))
    return list(recorded.outcomes) if recorded else []


def check_in_by_phone(
    token: str,
    readings: Sequence[Reading],
    *,
    public_key: Ed25519PublicKey,
    sent_at: datetime,
    now: datetime,
    battery: int | None = None,
    queue: int | None = None,
) -> Recorded | None:
    """The same for the phone that carries this token; None, and nothing written, where it is not paired or was cut.

    The phone is looked at in the transaction that writes: whoever is cut off a moment before does not come through.
    """
    signed = _signed(readings, public_key)
    return _together.ask(Upload(token, readings, signed, sent_at, now, battery, queue))


def _signed(readings: Iterable[Reading], public_key: Ed25519PublicKey) -> dict[str, TicketCode]:
    """By nonce: what the signed tokens among these readings say; looked at before anybody waits for anybody."""
    first = {one.nonce: one for one in reversed(list(readings))}
    return {one.nonce: code for one in first.values() if (code := _ticket(one, public_key))}


def _record(uploads: Sequence[Upload]) -> list[Recorded | None]:
    """Everything that these uploads bring, in the transaction that is on; in the order in which they came."""
    tokens = {one.at for one in uploads if isinstance(one.at, str)}
    phones = phones_by_token(tokens) if tokens else {}
    known: dict[int, tuple[Night, Gate]] = {}
    for place, one in enumerate(uploads):
        if not isinstance(one.at, str):
            known[place] = one.at
        elif (phone := phones.get(one.at)) is not None:
            known[place] = phone.night, gate_of(phone, one.now)
    _seen([(known[place][1], uploads[place]) for place in known])
    found: dict[int, Recorded] = {}
    for night in sorted({night.id: night for night, _gate in known.values()}.values(), key=lambda night: night.id):
        here = [(place, uploads[place], gate) for place, (of, gate) in known.items() if of.id == night.id]
        outcomes = _record_night(night, [(one, gate) for _place, one, gate in here])
        for place, one, gate in here:
            found[place] = Recorded(night, gate, tuple(outcomes[reading.nonce] for reading in one.readings))
    return [found.get(place) for place in range(len(uploads))]


_together = Together(_record, weight=lambda upload: len(upload.readings))


def _record_night(night: Night, uploads: Sequence[tuple[Upload, Gate]]) -> dict[str, Outcome]:
    """By nonce: what each reading means; where two uploads bring the same nonce, the first content stays."""
    first, gates, instants, now = {}, {}, {}, max(one.now for one, _gate in uploads)
    tokens: dict[str, bytes] = {}
    for one, gate in uploads:
        for reading in one.readings:
            if reading.nonce not in first:
                first[reading.nonce], gates[reading.nonce] = reading, gate
                instants[reading.nonce] = corrected(reading.at, one.sent_at, now=one.now, since=gate.since)
                code = one.signed.get(reading.nonce)
                if code is not None and code.edition == night.id:
                    tokens[reading.nonce] = code.token_id
    whose = _whose(night.id, tokens, first.values())
    kept = _kept({one.booking for one in whose.values()}, first.values())
    fresh = {
        nonce: _fresh(one, instants[nonce], gates[nonce], whose.get(nonce))
        for nonce, one in first.items()
        if nonce not in kept
    }
    scans = _followed({**fresh, **kept})
    scans |= _moved([scans[nonce] for nonce in fresh], scans, night.tolerance, now)
    outcomes = _outcomes([scans[nonce] for nonce in fresh], scans, night.tolerance)
    _insert([outcomes[nonce] for nonce in fresh], first, gates, night.id, now)
    _correct(kept, outcomes)
    return _settled(gates, [scans[nonce] for nonce in first], kept, outcomes, now)


def _seen(uploads: Iterable[tuple[Gate, Upload]]) -> None:
    """When each phone was last heard of; in ascending id, so that two groups never wait for each other."""
    values = {
        gate.device: {"device": gate.device, "last_seen_at": one.now, "battery": one.battery, "queue": one.queue}
        for gate, one in uploads
        if gate.device is not None and (gate.seen_at is None or one.now - gate.seen_at > SEEN_EVERY)
    }
    if values:
        connection().execute(_SEEN, [values[device] for device in sorted(values)])


def _whose(edition_id: int, tokens: Mapping[str, bytes], readings: Collection[Reading]) -> dict[str, Whose]:
    """By nonce: whose code was read; what is not ours, or another edition's, is missing."""
    codes = {one.nonce: code for one in readings if (code := _code(one))}
    by_token = whose_tokens(edition_id, set(tokens.values()))
    by_code = whose_codes(edition_id, set(codes.values()))
    found = {nonce: by_token.get(token_id) for nonce, token_id in tokens.items()}
    found |= {nonce: by_code.get(code) for nonce, code in codes.items()}
    return {nonce: whose for nonce, whose in found.items() if whose}


def _ticket(reading: Reading, public_key: Ed25519PublicKey) -> TicketCode | None:
    try:
        return verify(public_key, reading.token) if reading.token else None
    except BadTicket:
        return None


def _code(reading: Reading) -> str | None:
    try:
        return normalise_code(reading.code) if reading.code else None
    except BadTicket:
        return None


def _fresh(reading: Reading, at: datetime, gate: Gate, whose: Whose | None) -> Kept:
    scan = Read(
        reading.nonce, at, gate.host, whose.ticket if whose else None, reading.admit, reading.who,
        bool(reading.reason), kind=reading.kind, target=reading.target,
    )  # fmt: skip
    return Kept(
        scan, whose.booking if whose else None, reading.given, device=gate.name, slot=reading.slot,
        persons=reading.persons,
    )  # fmt: skip


def _kept(bookings: set[int], readings: Collection[Reading]) -> dict[str, Kept]:
    """Every stored scan that matters here, by nonce, its party locked first: two phones cannot fold past each other."""
    nonces = {one.nonce for one in readings}
    wanted = nonces | {one.target for one in readings if one.target}
    _lock(bookings)
    kept = scans_of(bookings, wanted, nonces)
    others = {one.booking for one in kept if one.booking is not None} - bookings
    if others:  # nonces that came before with another code, or are taken back: their parties are folded too
        _lock(others)
        kept = scans_of(bookings | others, wanted, nonces)
    return {one.scan.nonce: one for one in kept}


def _lock(bookings: Collection[int]) -> None:
    """In ascending id, so that two batches never wait for each other; SQLite has locked everything already."""
    if bookings and db.engine.dialect.name != "sqlite":
        db.session.execute(
            select(Booking.id).where(Booking.id.in_(bookings)).order_by(Booking.id).with_for_update(key_share=True)
        )


def _followed(scans: dict[str, Kept]) -> dict[str, Kept]:
    """An undo belongs to the party of what it takes back, whichever of the two arrived first."""
    for nonce, one in list(scans.items()):
        target = scans.get(one.scan.target) if one.scan.kind == UNDO else None
        if target is not None and target.scan.kind != UNDO and one.booking is None:
            scans[nonce] = replace(one, booking=target.booking)
    return scans


def _moved(
    fresh: Collection[Kept], scans: Mapping[str, Kept], tolerance: rule.Tolerance, now: datetime
) -> dict[str, Kept]:
    settled: dict[str, Kept] = {}
    for one in sorted(fresh, key=lambda one: (one.scan.at, one.scan.nonce)):
        if one.scan.kind == MOVE:
            others = [settled.get(nonce, other) for nonce, other in scans.items() if nonce != one.scan.nonce]
            settled[one.scan.nonce] = move(one, others, tolerance, now)
    return settled


def _outcomes(fresh: Sequence[Kept], scans: Mapping[str, Kept], tolerance: rule.Tolerance) -> dict[str, Outcome]:
    outcomes, presences = outcomes_of(scans, tolerance)
    if any(is_walk(one, scans) for one in scans.values()):
        outcomes |= walk([one for one in fresh if is_walk(one, scans)], scans)
    _enter(outcomes, presences)
    return outcomes


def _enter(outcomes: Mapping[str, Outcome], presences: Mapping[int, Presence]) -> None:
    """Brings the seats' `entered_at` and `left_at` to what the fold says now."""
    people = {one.booking: one.people for one in outcomes.values() if one.people and one.booking is not None}
    moved = [
        {"seat": seat, "entered_at": entry and entry.at, "left_at": entry and entry.left_at}
        for booking, party in people.items()
        for seat, entry in entered(presences[booking], party).items()
    ]
    if moved:
        connection().execute(_MOVE, moved)


def _insert(
    outcomes: Sequence[Outcome],
    readings: Mapping[str, Reading],
    gates: Mapping[str, Gate],
    edition_id: int,
    now: datetime,
) -> None:
    rows = [
        {
            "nonce": one.scan.nonce, "edition_id": edition_id, "host_id": one.scan.door,
            "device_id": gates[one.scan.nonce].device, "member_id": gates[one.scan.nonce].member,
            "ticket_id": one.scan.ticket, "at": readings[one.scan.nonce].at,
            "corrected_at": one.scan.at, "received_at": now, "given": one.given, "admit": one.scan.admit,
            "who": sorted(one.scan.who) if one.scan.who is not None else None,
            "reason": readings[one.scan.nonce].reason, "kind": one.scan.kind, "target": one.scan.target or None,
            **_told(one),
        }
        for one in outcomes
    ]  # fmt: skip
    if rows:
        connection().execute(_INSERT[db.engine.dialect.name], rows)


def _told(one: Outcome) -> dict[str, Any]:
    """What a scan's row says as long as nothing else arrives."""
    return {
        "booking_id": one.booking, "slot_id": _slot(one), "verdict": one.verdict.word,
        "granted": list(one.granted) or None, "persons": one.persons, "gone": one.gone,
    }  # fmt: skip


def _slot(one: Outcome) -> int | None:
    seat = one.verdict.seat
    return one.people.places[seat].slot if one.people and seat is not None else one.slot


def _correct(kept: Mapping[str, Kept], outcomes: Mapping[str, Outcome]) -> None:
    """Brings stored scans to what they mean now."""
    turned = [
        {"scan": one.id, **_told(outcomes[nonce])} for nonce, one in kept.items() if _turned(one, outcomes[nonce])
    ]
    if turned:
        connection().execute(_TURN, turned)


def _turned(one: Kept, now: Outcome) -> bool:
    return (one.scan.settled, one.booking, one.granted, one.persons, one.gone) != (
        now.verdict.word, now.booking, now.granted, now.persons, now.gone
    )  # fmt: skip


def _settled(
    gates: Mapping[str, Gate],
    asked: Sequence[Kept],
    kept: Mapping[str, Kept],
    outcomes: dict[str, Outcome],
    now: datetime,
) -> dict[str, Outcome]:
    """Counts people without a seat anew where this batch has changed them, and says how many places are left there."""
    touched = {
        one.slot
        for nonce, one in outcomes.items()
        if one.slot is not None and one.persons is not None
        if nonce not in kept or _turned(kept[nonce], one) or one.undone
    }
    touched |= {one.slot for one in outcomes.values() if one.scan.kind == UNDO and one.slot is not None}
    if touched:
        settle(touched, now)
    return outcomes | _with_places(gates, [outcomes[one.scan.nonce] for one in asked])


def _with_places(gates: Mapping[str, Gate], asked: Sequence[Outcome]) -> dict[str, Outcome]:
    """Those of these outcomes that are about a departure of their own door, with the places that are left there."""
    shown: dict[int, set[int]] = {}
    for one in asked:
        if one.slot is not None:
            shown.setdefault(gates[one.scan.nonce].host, set()).add(one.slot)
    left = {(host, slot): free for host, slots in shown.items() for slot, free in places_left(host, slots).items()}
    told = {one.scan.nonce: (gates[one.scan.nonce].host, one.slot) for one in asked}
    return {one.scan.nonce: replace(one, left=left[where]) for one in asked if (where := told[one.scan.nonce]) in left}
