"""A change that visitors will feel: its effect first, one confirmation, and five minutes to take it back."""

from datetime import datetime
from typing import cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from nuit import clock
from nuit.actions.change import decide, hasten, take_back
from nuit.errors import ChangeOver, EffectChanged, Refusal
from nuit.forms.slot import ChangeForm, hours_of
from nuit.i18n import hour, say
from nuit.models import Change, Host, Slot
from nuit.planning.effect import Effect, Targets, effect_of
from nuit.planning.evening import Departure
from nuit.planning.ride import Mode
from nuit.queries.change import change_of, following, touched_by
from nuit.queries.ride import ride_between_hosts
from nuit.queries.visit import alternatives
from nuit.views.gate import edition
from nuit.views.host.room import bp, me, mine, my_slot, tonight


def _form(**values: object) -> ChangeForm:
    return ChangeForm(**values).during(tonight, edition().opens_at, edition().closes_at)


def _targets(one: Slot, form: ChangeForm) -> Targets:
    slots = following(one) if form.is_row else [one]
    return {slot.id: form.target(slot.starts_at) for slot in slots}


def _effect(one: Slot, targets: Targets) -> Effect:
    others = [
        (Departure(slot.id, slot.host_id, "", slot.starts_at, slot.ends_at), slot.left)
        for slot in alternatives([one], clock.now(), seats=1)[one.id]
        if slot.id not in targets
    ]
    return effect_of(touched_by(targets), targets, others, lambda mode: ride_between_hosts(edition(), cast(Mode, mode)))


@bp.get("/<slug>/departs/<int:slot_id>/effet")
@mine
def effect(host: Host, slot_id: int) -> ResponseReturnValue:
    one = my_slot(host, slot_id)
    form = _form(formdata=request.args, meta={"csrf": False})
    if one.status == "cancelled" or not form.validate():
        return redirect(url_for(".slot", slug=host.company.slug, slot_id=slot_id), 303)
    return _page(host, one, form)


def _page(host: Host, one: Slot, form: ChangeForm, refusal: Refusal | None = None) -> str:
    targets = _targets(one, form)
    found = _effect(one, targets)
    form.people.data = str(found.people)
    starts = [to for to in targets.values() if to is not None]
    return render_template(
        "host/effect.html", host=host, slot=one, form=form, effect=found, count=len(targets), starts=starts,
        refusal=refusal,
    )  # fmt: skip


@bp.post("/<slug>/departs/<int:slot_id>/effet")
@mine
def decide_change(host: Host, slot_id: int) -> ResponseReturnValue:
    one, form = my_slot(host, slot_id), _form()
    if not form.validate():
        return (_page(host, one, form) if set(form.errors) == {"reason"} else abort(400)), 422
    kind, people = form.kind.data or "", int(form.people.data or 0)
    try:
        change = decide(
            host.id, kind, _targets(one, form), reason=form.reason.data or "", people=people, now=clock.now(), by=me()
        )
    except EffectChanged as refusal:
        return _page(host, my_slot(host, slot_id), form, refusal), refusal.status
    except Refusal as refusal:
        flash(say(refusal), "stop")
        return redirect(url_for(".slot", slug=host.company.slug, slot_id=slot_id), 303)
    flash(_decided(change), "go")
    return redirect(url_for(".show", slug=host.company.slug), 303)


def _decided(change: Change) -> str:
    if not change.people:
        return str(gettext("C’est fait. Personne n’avait réservé : personne n’est prévenu."))
    return str(
        ngettext(
            "Noté. À %(hour)s, %(num)s personne est prévenue ; d’ici là, vous pouvez le reprendre.",
            "Noté. À %(hour)s, %(num)s personnes sont prévenues ; d’ici là, vous pouvez le reprendre.",
            change.people,
            hour=hour(change.due_at),
        )
    )


@bp.post("/<slug>/changements/<int:change_id>/reprendre")
@mine
def take_change_back(host: Host, change_id: int) -> ResponseReturnValue:
    one = change_of(host.id, change_id) or abort(404)
    try:
        take_back(one.id, now=clock.now(), by=me())
    except ChangeOver as refusal:
        flash(say(refusal), "stop")
    else:
        flash(gettext("Repris : tout reste comme avant, et personne n’en a rien su."), "go")
    return redirect(url_for(".show", slug=host.company.slug), 303)


@bp.post("/<slug>/changements/<int:change_id>/maintenant")
@mine
def hasten_change(host: Host, change_id: int) -> ResponseReturnValue:
    one = change_of(host.id, change_id) or abort(404)
    try:
        hasten(one.id, now=clock.now(), by=me())
    except ChangeOver as refusal:
        flash(say(refusal), "stop")
    else:
        flash(gettext("C’est parti : vos visiteurs sont prévenus."), "go")
    return redirect(url_for(".show", slug=host.company.slug), 303)


def change_words(change: Change) -> str:
    """What was decided, in a sentence."""
    from_, to = _hours(change, "was"), _hours(change, "to")
    if change.kind == "cancel":
        return str(gettext("Le départ de %(hour)s est annulé.", hour=from_[0]))
    if len(from_) == 1:
        return str(gettext("Le départ de %(first)s passe à %(second)s.", first=from_[0], second=to[0]))
    return str(
        ngettext(
            "%(num)s départ change d’heure : dès %(first)s, qui passe à %(second)s.",
            "%(num)s départs changent d’heure : dès %(first)s, qui passe à %(second)s.",
            len(from_),
            first=from_[0],
            second=to[0],
        )
    )


def _hours(change: Change, what: str) -> list[str]:
    return hours_of([datetime.fromisoformat(one[what]) for one in change.slots if one[what]])
