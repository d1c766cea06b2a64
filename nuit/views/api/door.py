"""The door's calls: pairing a phone, the evening's list, scans. A phone says its token, a member is signed in."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from nuit import clock
from nuit.actions.device import pair
from nuit.actions.door import Gate, check_in
from nuit.conditions import Condition, words
from nuit.forms.scan import Unfit, batch_from, pairing_from
from nuit.i18n import spoken
from nuit.models import Edition
from nuit.planning.ride import Mode
from nuit.queries.door.party import Night, night_of
from nuit.queries.door.phone import edition_of, phone_by_token
from nuit.queries.door.roster import (
    Listed,
    conditions_of,
    departures,
    doors,
    doors_of,
    listed,
    parties_by_name,
    roster_version,
)
from nuit.queries.ride import ride_between_hosts
from nuit.views.api.body import json_object
from nuit.views.api.verdict import scan_document
from nuit.views.errors import problem
from nuit.views.gate import edition, keys, limit, member

bp = Blueprint("api_door", __name__, url_prefix="/api/v1")
DOORS_RIDE: Mode = "ebike25"
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
    batch = batch_from(json_object())
    gate, night = _gate(batch.host)
    now = clock.now()
    outcomes = check_in(
        night, gate, batch.readings, public_key=keys().tickets.public_key(), sent_at=batch.sent_at, now=now,
        battery=batch.battery, queue=batch.queue,
    )  # fmt: skip
    g.personal = True
    return jsonify(now=_iso(now), results=[scan_document(one, night) for one in outcomes])


@bp.get("/door/roster")
def roster() -> ResponseReturnValue:
    gate, night = _gate(request.args.get("host", ""))
    version = hashlib.sha256(f"{gate.host}/{spoken()}/{roster_version(night.id)}".encode()).hexdigest()[:24]
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


def _gate(slug: str) -> tuple[Gate, Night]:
    """Who stands at which door: the paired phone's own, or one that the signed-in member may choose; else 401 or 404."""
    token = request.authorization.token if request.authorization and request.authorization.type == "bearer" else None
    if token is not None:
        phone = phone_by_token(token) or _unknown()
        # A phone that was paired anew brings the queue of before: its scans count from the opening of the doors.
        since = min(phone.paired_at, _opens(phone.night))
        return Gate(phone.host, since, phone.id, phone.name, seen_at=phone.seen_at), phone.night
    who = member() or _unknown()
    night = night_of(edition())
    door = next((one for one in doors_of(who, night.id) if one.slug == slug), None) or abort(404)
    return Gate(door.id, _opens(night), member=who.id), night


def _opens(night: Night) -> datetime:
    return min(night.opens_at - night.tolerance.early, clock.now() - timedelta(days=1))


def _unknown() -> NoReturn:
    answer = make_response(problem(401, "unauthorised", "This phone is not paired, or was cut off."))
    answer.headers["WWW-Authenticate"] = "Bearer"
    raise HTTPException(response=answer)


def _roster(night: Edition, host: int) -> dict[str, Any]:
    here = night_of(night).tolerance
    tickets = listed(night.id, host)
    notes = {visit: _notes(conditions) for visit, conditions in conditions_of(host).items()}
    return {
        "now": _iso(clock.now()),
        "edition": {"id": night.id, "slug": night.slug, "name": night.name, "last_day": night.night.isoformat()},
        "host": next(({"id": d.id, "slug": d.slug, "company": d.company} for d in doors(night.id) if d.id == host), None),
        "public_key": b64encode(keys().public).decode(),
        "tolerance": {"early": int(here.early.total_seconds()), "late": int(here.late.total_seconds())},
        "doors": _doors(night, host),
        "slots": [
            {
                "id": one.id, "door": one.door, "starts_at": _iso(one.starts_at), "ends_at": _iso(one.ends_at),
                "status": one.status, "expected": one.expected, "entered": one.entered,
                **({"notes": notes[one.visit]} if one.visit in notes else {}),
            }
            for one in departures(night.id)
        ],
        "tickets": [_listed(one) for one in tickets],
        "revoked": [[one.name, _seconds(one.revoked_at)] for one in tickets if one.revoked_at is not None],
    }  # fmt: skip


def _notes(conditions: Sequence[Condition]) -> list[str]:
    """What the volunteer looks at before somebody goes in, in words."""
    return [words(one) for one in conditions if one.get("kind") in LOOKED_AT]


def _doors(night: Edition, host: int) -> dict[int, dict[str, Any]]:
    ride = ride_between_hosts(night, DOORS_RIDE)
    return {one.id: {"company": one.company, "minutes": round(ride(host, one.id))} for one in doors(night.id)}


def _listed(one: Listed) -> dict[str, Any]:
    """Short keys, because there are thousands: t, c the ticket's token and code, p, d its party's, s its slots."""
    found: dict[str, Any] = {
        "t": one.name, "c": one.code, "p": one.party, "d": one.party_code, "i": one.id, "s": one.seats,
    }  # fmt: skip
    if one.gone:
        found["g"] = [[slot, why, None if since is None else _seconds(since)] for slot, why, since in one.gone]
    if one.entries:
        found["e"] = [[slot, _seconds(at)] for slot, at in one.entries]
    if one.here:
        found["w"] = {"initial": one.initial, "age_band": one.age_band, "position": one.position}
    return found


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds")
