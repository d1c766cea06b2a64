"""Composing an evening: what was chosen, the rides between, what speaks against it, what still fits."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.errors import EveningTooLong, Refusal, SlotUnknown
from nuit.forms.booking import mode_choices
from nuit.i18n import hour, say
from nuit.models import Edition, Slot
from nuit.planning.evening import Person
from nuit.planning.ride import MODES
from nuit.queries.party import bare_booking
from nuit.queries.visit import slots_by_ids
from nuit.queries.waiting import queues
from nuit.render.climb import climb_svg
from nuit.views import basket, proposals
from nuit.views.gate import edition, holds, on_show
from nuit.views.home import phase, soon
from nuit.views.plan import may_wait, plan

bp = Blueprint("evening", __name__)
bp.add_app_template_global(climb_svg, "climb")
bp.add_app_template_global(may_wait, "may_wait")


@bp.get("/soiree")
def compose() -> ResponseReturnValue:
    """What was chosen by hand, while there is anything; a wish in the address, or none yet, is answered by evenings."""
    night = on_show()
    if night is None:
        return soon()
    if request.args or not (basket.chosen() or basket.lines()):
        return proposals.page(night)
    return _chosen(night)


def _chosen(night: Edition) -> str:
    g.personal = True
    now = clock.now()
    adults = [Person("", "18+")] * basket.company()
    waits = slots_by_ids(night.id, basket.lines())
    return render_template(
        "evening/compose.html",
        waits=waits,
        queues=queues(basket.lines()) if waits else {},
        mine=_standing(night) if waits else [],
        plan=plan(night, basket.chosen(), adults, basket.mode(), now, open_gaps=True),
        size=basket.company(),
        mode=basket.mode(),
        modes=mode_choices(),
        phase=phase(night, now),
        around=".".join(str(one) for one in basket.chosen()),
    )


@bp.post("/soiree/ajouter")
def add() -> ResponseReturnValue:
    """One more slot; the same visit at another hour takes the place of the one before. Needs no token: company pages stay without cookies."""
    night = edition()
    if "wait" in request.form:
        return _stand(night, _number("wait"))
    try:
        slot = _add(night, _number("slot"))
    except Refusal as refusal:
        flash(say(refusal), "stop")
        return redirect(url_for(".compose"), 303)
    return redirect(url_for(".compose", _anchor=f"etape-{slot.id}"), 303)


def _stand(night: Edition, slot: int) -> ResponseReturnValue:
    if slots_by_ids(night.id, [slot]):
        basket.stand([*(one for one in basket.lines() if one != slot), slot])
    return redirect(url_for(".compose", _anchor="attente"), 303)


def _add(night: Edition, slot_id: int) -> Slot:
    found = slots_by_ids(night.id, [*basket.chosen(), slot_id])
    slot = next((one for one in found if one.id == slot_id), None)
    if slot is None:
        raise SlotUnknown()
    kept = [one for one in found if one.id != slot_id and one.visit_id != slot.visit_id]
    if len(kept) >= night.max_stops:
        raise EveningTooLong(count=night.max_stops)
    if len(kept) + 1 < len(found):
        flash(gettext("%(company)s : l’heure est maintenant %(hour)s.", company=slot.visit.host.company.name,
                      hour=hour(slot.starts_at)), "go")  # fmt: skip
    basket.put([*(one.id for one in kept), slot.id])
    return slot


def _standing(night: Edition) -> list[str]:
    """The references of this edition's bookings whose key this browser holds: one could wait with them."""
    kept = session.get("bookings")
    found = [bare_booking(one) for one in kept] if isinstance(kept, dict) else []
    return [one.reference for one in found if one and one.edition_id == night.id and holds(one.reference, one.epoch)]


@bp.post("/soiree/attendre")
def wait() -> ResponseReturnValue:
    """A slot that is full is not booked but waited for."""
    slot = _number("slot")
    basket.put(one for one in basket.chosen() if one != slot)
    return _stand(edition(), slot)


@bp.post("/soiree/renoncer")
def unwait() -> ResponseReturnValue:
    slot = _number("slot")
    basket.stand(one for one in basket.lines() if one != slot)
    return redirect(url_for(".compose"), 303)


@bp.post("/soiree/changer")
def swap() -> ResponseReturnValue:
    """Another hour in the place of one that cannot be had; the field holds both ids: "12-15"."""
    gone, _, taken = request.form.get("change", "").partition("-")
    if gone.isdecimal() and taken.isdecimal() and slots_by_ids(edition().id, [_small(taken)]):
        basket.swap(_small(gone), _small(taken))
    return redirect(url_for(".compose", _anchor=f"etape-{_small(taken)}"), 303)


@bp.post("/soiree/retirer")
def drop() -> ResponseReturnValue:
    slot = _number("slot")
    basket.put(one for one in basket.chosen() if one != slot)
    return redirect(url_for(".compose"), 303)


@bp.post("/soiree/vider")
def clear() -> ResponseReturnValue:
    basket.put([])
    basket.stand([])
    return redirect(url_for(".compose"), 303)


@bp.post("/soiree/groupe")
def party() -> ResponseReturnValue:
    size, mode = _number("personnes"), request.form.get("mode", "")
    if 1 <= size <= edition().max_party and mode in MODES:
        basket.come_as(size, mode)
    return redirect(url_for(".compose"), 303)


def _number(field: str) -> int:
    return _small(request.form.get(field, ""))


def _small(text: str) -> int:
    """A number as an id may be; 0 for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
