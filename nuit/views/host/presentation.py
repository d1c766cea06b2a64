"""What a company says of itself: one long form, saved as a whole, never over somebody else's words unseen."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.company import present as write
from nuit.errors import ChangedMeanwhile, Refusal
from nuit.forms.company import PICTURE, SPAN, CompanyForm
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.i18n import texts
from nuit.models import Host
from nuit.planning.offer import differences
from nuit.queries.desk import host_for_desk, known_places, last_hand, presentation_of, trades
from nuit.views.host.room import bp, me, mine, touched


def _form(host: Host) -> CompanyForm:
    form = CompanyForm(obj=presentation_of(host_for_desk(host.id) or host), version=str(host.version))
    return form.offering(trades(), known_places(), texts)


def _page(host: Host, form: CompanyForm, refusal: Refusal | None = None, **more: Any) -> str:
    return render_template(
        "host/presentation.html",
        host=host,
        form=form,
        refusal=refusal,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
        picture=PICTURE,
        span=SPAN,
        **more,
    )


@bp.get("/<slug>/presentation")
@mine
def presentation(host: Host) -> ResponseReturnValue:
    return _page(host, _form(host))


@bp.post("/<slug>/presentation")
@mine
def present(host: Host) -> ResponseReturnValue:
    form = _form(host)
    if _asked_for_more(form):
        return _page(host, form)
    if not form.validate():
        return _page(host, form), 422
    try:
        write(host.id, form.wanted(), version=int(form.version.data), now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        return _compare(host, form, refusal), 409
    except Refusal as refusal:
        return _page(host, form, refusal), refusal.status
    flash(gettext("Page enregistrée."), "go")
    return redirect(url_for(".show", slug=host.company.slug), 303)


def _asked_for_more(form: CompanyForm) -> bool:
    """Without a script the same form moves the door, adds a row or drops one: shown again, nothing saved."""
    act = request.form.get("action", "")
    return form.moved(act, touched(), known_places()) or form.edit_rows(act)


def _compare(host: Host, form: CompanyForm, refusal: Refusal) -> str:
    """Own values stay typed; beside them what stands now. Saving again, having seen it, is allowed."""
    fresh = host_for_desk(host.id) or host
    stored = presentation_of(fresh)
    form.version.data = str(fresh.version)
    return _page(
        fresh,
        form,
        refusal,
        stored=stored,
        differing=differences(stored, form.wanted()),
        hand=last_hand("host", host.id),
    )
