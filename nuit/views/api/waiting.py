"""A party's own booking over the API: standing in line, answering an offer, changing one stop for another, a name."""

from typing import cast

from flask import abort, request
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.actions.waiting import accept, decline, rename, swap, wait_for
from nuit.errors import Refusal
from nuit.forms.asked import instead_from, label_from, one_slot, swap_from
from nuit.i18n import say
from nuit.models import Booking, Edition
from nuit.planning.evening import Person
from nuit.planning.ride import Mode
from nuit.queries.edition import edition_by_id
from nuit.queries.party import party_of
from nuit.views.api.body import json_object
from nuit.views.api.booking import bp, others, own, shown
from nuit.views.errors import problem


@bp.post("/<reference>/waits")
def wait(reference: str) -> ResponseReturnValue:
    mine, slot = own(reference), one_slot(json_object())
    return shown(wait_for(_night(mine), mine.reference, slot, now=clock.now()) or abort(404))


@bp.delete("/<reference>/waits/<int:wait_id>")
def leave(reference: str, wait_id: int) -> ResponseReturnValue:
    mine = own(reference)
    return shown(decline(mine.reference, wait_id, now=clock.now()) or abort(404))


@bp.post("/<reference>/waits/<int:wait_id>/accept")
def take(reference: str, wait_id: int) -> ResponseReturnValue:
    mine, gone = own(reference), instead_from(json_object() if request.get_data() else {})
    return shown(accept(_night(mine), mine.reference, wait_id, now=clock.now(), instead=gone) or abort(404))


@bp.post("/<reference>/swap")
def change(reference: str) -> ResponseReturnValue:
    mine = own(reference)
    gone, taken = swap_from(json_object())
    night = _night(mine)
    try:
        return shown(swap(night, mine.reference, gone, taken, now=clock.now()) or abort(404))
    except Refusal as refusal:
        return _refused(refusal, night, mine, gone, taken)


def _refused(refusal: Refusal, night: Edition, mine: Booking, gone: int, taken: int) -> ResponseReturnValue:
    """The old places stand; with the sentence come slots that could be had instead."""
    people = party_of(mine.id)
    stops = {seat.slot for one in people for seat in one.seats if seat.status == "confirmed"}
    moving = [
        Person(one.label, one.age_band)
        for one in people
        if any(seat.slot == gone and seat.status == "confirmed" for seat in one.seats)
    ]
    evening = sorted(stops - {gone} | {taken})
    found = others(refusal, night, evening, moving, cast(Mode, mine.mode))
    return problem(
        refusal.status, refusal.slug, say(refusal), slots=list(refusal.slots),
        alternatives=[one for one in found if one["id"] != gone],
    )  # fmt: skip


@bp.patch("/<reference>/tickets/<int:ticket_id>")
def name(reference: str, ticket_id: int) -> ResponseReturnValue:
    mine, label = own(reference), label_from(json_object())
    return shown(rename(mine.reference, ticket_id, label, now=clock.now()) or abort(404))


def _night(booking: Booking) -> Edition:
    return edition_by_id(booking.edition_id) or abort(404)
