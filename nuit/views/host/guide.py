"""The guided first time: five short steps on a phone, each saved at once, and how far one is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from nuit import clock
from nuit.actions.company import present
from nuit.actions.slot import add_slots
from nuit.actions.visit import add_visit, change_visit
from nuit.errors import Refusal
from nuit.forms.company import PICTURE, SPAN, DoorForm, WhoForm, said
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.forms.slot import SeriesForm, hours_of
from nuit.forms.visit import ShownForm, WelcomeForm, asked_again
from nuit.i18n import spoken
from nuit.models import Host, Visit
from nuit.planning.guide import STEPS, Way, way_of
from nuit.planning.offer import VisitOffer
from nuit.queries.desk import gaps, host_for_desk, known_places, offer_of, presentation_of, visits_for_desk
from nuit.views.gate import edition
from nuit.views.host.room import bp, me, mine, touched
from nuit.views.host.slots import leaving, series


@dataclass(frozen=True)
class Here:
    """One company on its way: the host as it is now, its first visit, and what is still missing."""

    host: Host
    visit: Visit | None
    way: Way


def here(host: Host) -> Here:
    fresh = host_for_desk(host.id) or host
    visits = visits_for_desk(host.id)
    night = edition()
    missing = [gap.kind for gap in gaps(fresh, visits, (night.start_lon, night.start_lat)) if not gap.is_advisable]
    return Here(fresh, visits[0] if visits else None, way_of(missing, has_visit=bool(visits)))


def _who(at: Here) -> FlaskForm:
    return WhoForm(obj=presentation_of(at.host), version=str(at.host.version))


def _door(at: Here) -> FlaskForm:
    form = DoorForm(obj=presentation_of(at.host), version=str(at.host.version))
    form.among(known_places())
    return form


def _present(at: Here, form: Any) -> None:
    words = replace(presentation_of(at.host), **said(form))
    present(at.host.id, words, version=int(form.version.data), now=clock.now(), by=me())


def _shown(at: Here) -> FlaskForm:
    if at.visit is None:
        return ShownForm(languages=[spoken()])
    return ShownForm(**asked_again(offer_of(at.visit), str(at.visit.version)))


def _welcome(at: Here) -> FlaskForm:
    visit = at.visit
    return WelcomeForm(**asked_again(offer_of(visit), str(visit.version))) if visit else WelcomeForm()


def _show(at: Here, form: Any) -> None:
    if at.visit is None:
        offer = VisitOffer(**form.shown(), wheelchair="no", conditions=(), is_unconditional=False)
        add_visit(at.host.id, offer, now=clock.now(), by=me())
    else:
        _change(at.visit, form, form.shown())


def _open_to(at: Here, form: Any) -> None:
    if at.visit is not None:
        _change(at.visit, form, form.welcome())


def _change(visit: Visit, form: Any, fields: dict[str, Any]) -> None:
    offer = replace(offer_of(visit), **fields)
    change_visit(visit.id, offer, version=int(form.version.data), now=clock.now(), by=me())


def _depart(at: Here, form: Any) -> None:
    if at.visit is not None:
        add_slots(at.visit.id, form.starts(), capacity=form.capacity.data, now=clock.now(), by=me())


@dataclass(frozen=True)
class Step:
    """`words` name it, `why` says in a sentence what it is for; `form` fills it, `save` is its one verb."""

    words: Any
    why: Any
    form: Callable[[Here], FlaskForm]
    save: Callable[[Here, FlaskForm], None]


TABLE = {
    "qui": Step(
        _l("Qui vous êtes"),
        _l("Une phrase, dans votre langue. Le reste peut attendre."),
        _who,
        _present,
    ),
    "porte": Step(
        _l("Où est la porte"),
        _l("Celle par où l’on entre ce soir-là : on y vient à vélo, de nuit."),
        _door,
        _present,
    ),
    "visite": Step(
        _l("Ce que vous montrez"),
        _l("Un geste, une machine, un endroit où l’on n’entre jamais."),
        _shown,
        _show,
    ),
    "departs": Step(
        _l("Quand"),
        _l("Un groupe part, puis le suivant. Vous voyez les heures avant de les ajouter."),
        lambda at: series(at.host),
        _depart,
    ),
    "public": Step(
        _l("Pour qui"),
        _l("Les visiteurs acceptent ces conditions en réservant, et elles valent à la porte."),
        _welcome,
        _open_to,
    ),
}


@bp.get("/<slug>/guide")
@mine
def guide(host: Host) -> ResponseReturnValue:
    return redirect(url_for(".step", slug=host.company.slug, step=here(host).way.next or STEPS[0]), 303)


@bp.get(f"/<slug>/guide/<any({','.join(STEPS)}):step>")
@mine
def step(host: Host, step: str) -> ResponseReturnValue:
    at = here(host)
    if not at.way.may(step):
        return redirect(url_for(".step", slug=host.company.slug, step="visite"), 303)
    return _page(at, step, TABLE[step].form(at))


def _page(at: Here, name: str, form: Any, refusal: Refusal | None = None) -> str:
    there = leaving(at.visit) if at.visit else set()
    return render_template(
        "host/guide.html",
        host=at.host,
        visit=at.visit,
        way=at.way,
        steps=TABLE,
        name=name,
        form=form,
        refusal=refusal,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
        picture=PICTURE,
        span=SPAN,
        hours=hours_of(sorted(there)),
        known=hours_of([one for one in form.row() if one in there]) if isinstance(form, SeriesForm) else [],
    )


@bp.post(f"/<slug>/guide/<any({','.join(STEPS)}):step>")
@mine
def save_step(host: Host, step: str) -> ResponseReturnValue:
    at = here(host)
    if not at.way.may(step):
        return redirect(url_for(".step", slug=host.company.slug, step="visite"), 303)
    form: Any = TABLE[step].form(at)
    if isinstance(form, DoorForm) and form.moved(request.form.get("action", ""), touched(), known_places()):
        return _page(at, step, form)
    if not form.validate():
        return _page(at, step, form), 422
    if isinstance(form, SeriesForm) and at.visit and form.asks_to_look(request.form.get("action", "")):
        form.preview(leaving(at.visit))
        return _page(at, step, form)
    try:
        TABLE[step].save(at, form)
    except Refusal as refusal:
        fresh = here(host)
        _take_version(form, step, fresh)
        return _page(fresh, step, form, refusal), refusal.status
    return _onwards(host, step)


def _take_version(form: Any, name: str, fresh: Here) -> None:
    """Saving again, having read the refusal, is allowed."""
    noun = fresh.host if name in ("qui", "porte") else fresh.visit
    if "version" in form and noun is not None:
        form.version.data = str(noun.version)


def _onwards(host: Host, name: str) -> ResponseReturnValue:
    """The next step, or the overview, which says what is left."""
    way = here(host).way
    following = way.after(name)
    if following is not None:
        flash(gettext("Enregistré."), "go")
        return redirect(url_for(".step", slug=host.company.slug, step=following), 303)
    flash(
        gettext("Tout est là. Relisez, puis proposez votre page.") if way.next is None else gettext("Enregistré."), "go"
    )
    return redirect(url_for(".show", slug=host.company.slug), 303)
