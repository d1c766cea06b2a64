"""The door's calls: pairing a phone, the evening's list, scans. A phone says its token, a member is signed in."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, current_app, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from nuit import clock
from nuit.actions.device import pair
from nuit.actions.door import Gate, Recorded, check_in, check_in_by_phone, gate_of, opening_of
from nuit.actions.quota import spend, spent
from nuit.conditions import Condition, words
from nuit.forms.scan import Batch, Unfit, batch_from, pairing_from
from nuit.i18n import spoken
from nuit.keys import door_salt
from nuit.models import Edition
from nuit.planning.board import Departure
from nuit.planning.ride import Mode
from nuit.queries.door.count import counts_exits, departures, people_inside, standby
from nuit.queries.door.party import Night, night_of
from nuit.queries.door.phone import edition_of, phone_by_token
from nuit.queries.door.roster import (
    Listed,
    conditions_of,
    doors,
    doors_of,
    listed,
    parties_by_name,
    roster_version,
)
from nuit.queries.member import hosts_of
from nuit.queries.ride import ride_between_hosts
from nuit.views.api.body import json_object
from nuit.views.api.verdict import scan_document
from nuit.views.errors import problem
from nuit.views.gate import edition, keys, limit, member, roles

bp = Blueprint("api_door", __name__, url_prefix="/api/v1")
DOORS_RIDE: Mode = "ebike25"
FORM = 2  # of the roster: a phone that kept an older one gets a fresh one
WRONG_CODE, WRONG_CODES, CODES_EVERY = "wrong-code", 30, timedelta(minutes=10)
LOOKED_AT = ("min_age", "accompanied_under", "closed_shoes", "hair_tied", "no_pacemaker")


@bp.errorhandler(Unfit)
def unfit(fault: Unfit) -> ResponseReturnValue:
    return problem(422, "invalid", "The request does not fit.", errors=fault.errors)


@bp.post("/devices")
def create_device() -> ResponseReturnValue:
    limit("pairing", at_most=20, minutes=10)
    code, name = pairing_from(json_object())
    device, token = pair(code, name, now=clock.now())
    night = device.host.edition
    return jsonify(
        device_token=token,
        host={"id": device.host_id, "slug": device.host.company.slug, "company": device.host.company.name},
        edition={"id": night.id, "slug": night.slug, "name": night.name},
        public_key=b64encode(keys().public).decode(),
    ), 201


@bp.post("/scans")
def create_scans() -> ResponseReturnValue:
    batch, now = batch_from(json_object()), clock.now()
    recorded = _recorded(batch, now)
    g.personal = True
    return jsonify(now=_iso(now), results=[scan_document(one, recorded.night) for one in recorded.outcomes])


def _recorded(batch: Batch, now: datetime) -> Recorded:
    """Whoever types codes, or is signed in, is looked at first; a phone that scans goes straight to the one transaction."""
    typed = {one.nonce for one in batch.readings if one.code}
    token = _token()
    sent: dict[str, Any] = {
        "public_key": keys().verifying, "sent_at": batch.sent_at, "now": now, "battery": batch.battery,
        "queue": batch.queue,
    }  # fmt: skip
    if token is not None and not typed:
        return check_in_by_phone(token, batch.readings, **sent) or _unknown()
    gate, night = _gate(batch.host)
    if typed:
        _patient(gate)
    recorded = Recorded(night, gate, tuple(check_in(night, gate, batch.readings, **sent)))
    missed = sum(one.booking is None for one in recorded.outcomes if one.scan.nonce in typed)
    if missed:
        spend(WRONG_CODE, _who(gate), missed, every=CODES_EVERY, now=now)
    return recorded


@bp.get("/door/roster")
def roster() -> ResponseReturnValue:
    gate, night = _gate(request.args.get("host", ""))
    version = hashlib.sha256(f"{FORM}/{gate.host}/{spoken()}/{roster_version(night.id)}".encode()).hexdigest()[:24]
    g.personal = True
    known = request.if_none_match.contains_weak(version)
    answer = Response(status=304) if known else jsonify(_roster(edition_of(night), gate.host))
    answer.set_etag(version, weak=True)
    return answer


@bp.get("/door/search")
def search() -> ResponseReturnValue:
    gate, night = _gate(request.args.get("host", ""))
    limit("door-search", at_most=120, minutes=1, who=f"{gate.device}/{gate.member}")
    g.personal = True
    found = parties_by_name(night.id, gate.host, request.args.get("q", "")[:80])
    return jsonify(
        found=[
            {"name": one.name, "code": one.code, "people": one.people, "hours": [_iso(hour) for hour in one.hours]}
            for one in found
        ]
    )


@bp.get("/door/evacuation")
def evacuation() -> ResponseReturnValue:
    """How many are inside: for everybody at the door; who they are: for organisers and the house's own contacts."""
    gate, night = _gate(request.args.get("host", ""))
    g.personal = True
    now, exits = clock.now(), counts_exits(gate.host)
    inside = [one for one in departures(night.id, gate.host) if one.still_inside(now, counts_exits=exits)]
    people = people_inside([one.id for one in inside]) if _may_read_names(gate.host) else None
    return jsonify(
        now=_iso(now),
        counts_exits=exits,
        inside=sum(one.inside for one in inside),
        slots=[
            {"id": one.id, "starts_at": _iso(one.starts_at), "ends_at": _iso(one.ends_at), "inside": one.inside,
             "walked_in": max(0, one.walked_in - one.walked_out)}
            for one in inside
        ],
        people=people and [
            {"name": one.name, "party": one.party, "age_band": one.age_band, "slot": one.slot,
             "entered_at": _iso(one.entered_at)}
            for one in people
        ],
    )  # fmt: skip


def _may_read_names(host: int) -> bool:
    """A signed-in organiser, or a contact of this very house; never a phone, which may be lost."""
    if request.authorization is not None or (who := member()) is None:
        return False
    return "organiser" in roles() or any(one.id == host for one in hosts_of(who, edition().id))


def _who(gate: Gate) -> str:
    return f"{gate.device}/{gate.member}"


def _patient(gate: Gate) -> None:
    """Whoever has typed too many wrong codes waits: what was scanned stays on the phone meanwhile."""
    if (
        current_app.config["NUIT_LIMITS"]
        and spent(WRONG_CODE, _who(gate), every=CODES_EVERY, now=clock.now()) >= WRONG_CODES
    ):
        answer = make_response(problem(429, "too-often", "Too many wrong codes. Try again in a few minutes."))
        answer.headers["Retry-After"] = "300"
        raise HTTPException(response=answer)


def _gate(slug: str) -> tuple[Gate, Night]:
    """Who stands at which door: the paired phone's own, or one that the signed-in member may choose; else 401 or 404."""
    token = _token()
    if token is not None:
        phone = phone_by_token(token) or _unknown()
        return gate_of(phone, clock.now()), phone.night
    who = member() or _unknown()
    night = night_of(edition())
    door = next((one for one in doors_of(who, night.id) if one.slug == slug), None) or abort(404)
    return Gate(door.id, opening_of(night, clock.now()), member=who.id), night


def _token() -> str | None:
    return request.authorization.token if request.authorization and request.authorization.type == "bearer" else None


def _unknown() -> NoReturn:
    answer = make_response(problem(401, "unauthorised", "This phone is not paired, or was cut off."))
    answer.headers["WWW-Authenticate"] = "Bearer"
    raise HTTPException(response=answer)


def _roster(night: Edition, host: int) -> dict[str, Any]:
    here = night_of(night).tolerance
    salt = door_salt(keys().secret, host)
    tickets = listed(night.id, host, salt)
    notes = {visit: _notes(conditions) for visit, conditions in conditions_of(host).items()}
    return {
        "now": _iso(clock.now()),
        "edition": {"id": night.id, "slug": night.slug, "name": night.name, "last_day": night.night.isoformat()},
        "host": next(({"id": d.id, "slug": d.slug, "company": d.company} for d in doors(night.id) if d.id == host), None),
        "public_key": b64encode(keys().public).decode(),
        "salt": salt,
        "counts_exits": counts_exits(host),
        "tolerance": {"early": int(here.early.total_seconds()), "late": int(here.late.total_seconds())},
        "doors": _doors(night, host),
        "slots": [_slot(one, host, notes.get(one.visit)) for one in departures(night.id)],
        "standby": [
            {"nonce": one.nonce, "slot": one.slot, "persons": one.persons, "at": _iso(one.at)} for one in standby(host)
        ],
        "tickets": [_listed(one) for one in tickets],
        "revoked": [[one.name, _seconds(one.revoked_at)] for one in tickets if one.revoked_at is not None],
    }  # fmt: skip


def _slot(one: Departure, host: int, notes: list[str] | None) -> dict[str, Any]:
    """A departure; its numbers at its own door only."""
    found: dict[str, Any] = {
        "id": one.id, "door": one.door, "starts_at": _iso(one.starts_at), "ends_at": _iso(one.ends_at),
        "status": one.status,
    }  # fmt: skip
    if one.door == host:
        found |= {
            "expected": one.expected, "entered": one.entered, "out": one.out, "walked_in": one.walked_in,
            "walked_out": one.walked_out, "inside": one.inside, "capacity": one.capacity, "left": one.left,
            "over": one.over,
        }  # fmt: skip
    return found | ({"notes": notes} if notes is not None else {})


def _notes(conditions: Sequence[Condition]) -> list[str]:
    """What the volunteer looks at before somebody goes in, in words."""
    return [words(one) for one in conditions if one.get("kind") in LOOKED_AT]


def _doors(night: Edition, host: int) -> dict[int, dict[str, Any]]:
    ride = ride_between_hosts(night, DOORS_RIDE)
    return {one.id: {"company": one.company, "minutes": round(ride(host, one.id))} for one in doors(night.id)}


def _listed(one: Listed) -> dict[str, Any]:
    """Short keys, because there are thousands: t, c the ticket's token and code, p, d its party's, s its slots.

    Where they are: l seats kept for who announced a delay ([slot, until]), g seats that are gone, e entries ([slot, since, until]); w whom it is for, at its own doors.
    """
    found: dict[str, Any] = {
        "t": one.name, "c": one.code, "p": one.party, "d": one.party_code, "i": one.id, "s": one.seats,
    }  # fmt: skip
    if one.late:
        found["l"] = [[slot, _seconds(until)] for slot, until in one.late]
    if one.gone:
        found["g"] = [[slot, why, None if since is None else _seconds(since)] for slot, why, since in one.gone]
    if one.entries:
        found["e"] = [
            [slot, _seconds(at)] if left_at is None else [slot, _seconds(at), _seconds(left_at)]
            for slot, at, left_at in one.entries
        ]
    if one.here:
        found["w"] = {"initial": one.initial, "age_band": one.age_band, "position": one.position}
    return found


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")
