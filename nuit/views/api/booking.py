"""Booking an evening over the API, and the party's own booking: seen and given back with its manage token."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.actions.booking import Wanted, book_party, give_back, give_back_seat
from nuit.errors import Refusal
from nuit.forms.asked import Asked, booking_from, key_from
from nuit.forms.scan import Unfit
from nuit.i18n import say
from nuit.models import Booking, Edition
from nuit.planning.evening import Person
from nuit.planning.instead import instead
from nuit.planning.ride import Mode
from nuit.planning.ticketcode import BadTicket, normalise_code
from nuit.queries.edition import edition_by_id
from nuit.queries.party import bare_booking, party_of
from nuit.queries.programme import live_slots_by_ids
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import alternatives, departure, free_slots, slots_by_ids
from nuit.queries.waiting import lines_of
from nuit.views.api.body import json_object
from nuit.views.api.documents import booking_document, slot_documents
from nuit.views.errors import problem
from nuit.views.gate import edition, holds, keys, limit

bp = Blueprint("api_booking", __name__, url_prefix="/api/v1/bookings")
REPLACED = ("slot-full", "closed", "overlap", "unreachable")


@bp.errorhandler(Unfit)
def unfit(fault: Unfit) -> ResponseReturnValue:
    return problem(422, "invalid", "The request does not fit.", errors=fault.errors)


@bp.post("")
def create() -> ResponseReturnValue:
    night = edition()
    key, asked = key_from(request.headers.get("Idempotency-Key")), booking_from(json_object())
    limit("book", at_most=200, minutes=10)
    try:
        booking, party = book_party(
            night, Wanted(**vars(asked)), now=clock.now(), key=key, limited=bool(current_app.config["NUIT_LIMITS"])
        )
    except Refusal as refusal:
        return _refused(refusal, asked, night)
    g.personal = True
    is_plain = all(seat.status == "confirmed" for person in party for seat in person.seats) and not asked.waits
    lines = [] if is_plain else lines_of(booking.id)  # where nobody waits there is nothing to ask
    document = jsonify(booking_document(booking, party, lines, night, keys()))
    return document, 201, {"Location": f"/api/v1/bookings/{booking.reference}"}


@bp.get("/<reference>")
def show(reference: str) -> ResponseReturnValue:
    return shown(own(reference))


@bp.delete("/<reference>")
def remove(reference: str) -> ResponseReturnValue:
    mine = own(reference)
    return shown(give_back(mine.reference, now=clock.now()) or abort(404))


@bp.delete("/<reference>/seats/<int:seat_id>")
def remove_seat(reference: str, seat_id: int) -> ResponseReturnValue:
    mine = own(reference)
    changed = give_back_seat(mine.reference, seat_id, now=clock.now()) if seat_id < 2**63 else None
    return shown(changed or abort(404))


def own(reference: str) -> Booking:
    """The booking whose manage token this request (or this browser) holds; 404 for any other, whether it exists or not."""
    g.personal = True
    limit("manage", at_most=600, minutes=10)
    try:
        found = bare_booking(f"N-{normalise_code(reference.removeprefix('N-'))}")
    except BadTicket:
        abort(404)
    if found is None or not holds(found.reference, found.epoch):
        abort(404)
    return found


def shown(booking: Booking) -> Response:
    g.personal = True
    night = edition_by_id(booking.edition_id) or abort(404)
    return jsonify(booking_document(booking, party_of(booking.id), lines_of(booking.id), night, keys()))


def _refused(refusal: Refusal, asked: Asked, night: Edition) -> ResponseReturnValue:
    """The sentence, the slots at fault, and others that still have the places and with which the evening holds."""
    more: dict[str, Any] = {
        "slots": list(refusal.slots),
        "alternatives": others(refusal, night, asked.slots, asked.party, asked.mode),
    }
    if refusal.status == 422:
        more["errors"] = {"slots" if refusal.slots else "Idempotency-Key": say(refusal)}
    return problem(refusal.status, refusal.slug, say(refusal), **more)


def others(
    refusal: Refusal, night: Edition, ids: Sequence[int], party: Sequence[Person], mode: Mode
) -> list[dict[str, Any]]:
    """Slots that could stand in for those at fault in an evening of these slots."""
    if refusal.slug not in REPLACED or not refusal.slots:
        return []
    now, seats = clock.now(), len(party)
    slots = slots_by_ids(night.id, ids)
    at_fault = [one for one in slots if one.id in refusal.slots]
    offered = alternatives(at_fault, now, seats=seats)
    if not any(offered.values()):
        offered = dict.fromkeys(offered, free_slots(night.id, now, seats=seats))
    chosen = instead(
        [departure(one) for one in slots],
        refusal.slots,
        {slot: [departure(one) for one in found] for slot, found in offered.items()},
        party=party,
        ride=ride_between_hosts(night, mode),
        gone=refusal.slug in ("slot-full", "closed"),
    )
    return slot_documents(live_slots_by_ids(night.id, chosen))
