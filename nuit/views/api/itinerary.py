"""Asking for an evening: the planner's answer, with its value, its proven bound and a reason for each company left out."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.forms.itinerary import LARGEST_BODY, wish_from
from nuit.forms.scan import Unfit
from nuit.planning.night import Itinerary, NightError
from nuit.planning.outing import Halt, Outing
from nuit.planning.posing import Firm, Posed
from nuit.planning.proposal import proposals, visits
from nuit.planning.wish import Wish
from nuit.queries.proposing import outings, stage_of, the_night
from nuit.views.api.body import json_object
from nuit.views.api.documents import instant
from nuit.views.errors import problem
from nuit.views.gate import edition, limit
from nuit.views.why import why

bp = Blueprint("api_itinerary", __name__, url_prefix="/api/v1/itineraries")
SECONDS = 0.75


@bp.errorhandler(Unfit)
def unfit(fault: Unfit) -> ResponseReturnValue:
    return problem(422, "invalid", "The request does not fit.", errors=fault.errors)


@bp.errorhandler(NightError)
def too_large(fault: NightError) -> ResponseReturnValue:
    return problem(422, "invalid", "The request does not fit.", errors={fault.field: str(fault)})


@bp.post("")
def create() -> ResponseReturnValue:
    request.max_content_length = LARGEST_BODY
    night = edition()
    wish = wish_from(json_object(), night)
    limit("plan", at_most=600, minutes=10)
    posed = the_night(night, stage_of(night), wish, clock.now())
    found = proposals(posed.night, night.max_stops, stop=clock.deadline(SECONDS))
    shown = outings(night, posed, wish, [one for one in found if visits(one)])
    return jsonify(itineraries=[_document(one) for one in shown], unserved=_unserved(posed, wish, found))


def _document(one: Outing) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "value": one.value,
        "bound": one.bound,
        "proven": one.proven,
        "leave_at": instant(one.leaves_at),
        "home_at": instant(one.home_at),
        "metres": round(one.metres),
        "climb": round(one.climb),
        "waiting_minutes": one.waiting,
        "stops": [_stop(halt) for halt in one.visits],
    }


def _stop(halt: Halt) -> dict[str, Any]:
    stop, leg = halt.stop, halt.leg
    ride = leg.minutes + leg.margin
    return {
        "slot": stop.slot,
        "company": stop.slug,
        "leave_at": instant(stop.starts_at - timedelta(minutes=halt.wait + ride)),
        "arrive_at": instant(halt.arrives_at),
        "starts_at": instant(stop.starts_at),
        "ends_at": instant(stop.ends_at),
        "metres": round(leg.metres),
        "climb": round(leg.climb),
        "minutes": ride,
        "wait_minutes": halt.wait,
        "left": stop.left,
    }


def _unserved(posed: Posed, wish: Wish, found: tuple[Itinerary, ...]) -> list[dict[str, Any]]:
    """Companies wished for that the best evening leaves out, with a slug of the reason and its sentence."""
    known = {one.slug for one in posed.stage.firms}
    unknown = [{"company": one, "reason": "unknown"} for one in wish.scores if one not in known]
    told = []
    for one in found[0].unserved if found else ():
        firm = posed.who(one.slot, one.company)
        if isinstance(firm, Firm):
            told.append({"company": firm.slug, "reason": one.reason.replace("_", "-"), "minutes": one.minutes,
                         "age": one.age, "text": why(posed, one, posed.night.seats)})  # fmt: skip
    return [*told, *unknown]
