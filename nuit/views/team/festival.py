"""The festival: its own texts, and its items."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.festival import add_item, change_festival, change_item, remove_item
from nuit.clock import local
from nuit.errors import ChangedMeanwhile, Refusal
from nuit.forms.festival import KINDS, FestivalForm, ItemForm
from nuit.forms.fields import coverage, tongue_at_fault
from nuit.models import FestivalItem
from nuit.planning.offer import differences
from nuit.queries.desk import known_places, last_hand
from nuit.queries.festival import festival_item, festival_of
from nuit.queries.team.festival import item_draft
from nuit.views.gate import edition
from nuit.views.team.room import me, organisers

bp = Blueprint("team_festival", __name__, url_prefix="/equipe/festival")


@bp.get("/")
@organisers
def show() -> ResponseReturnValue:
    return _page(FestivalForm(formdata=None, obj=festival_of(edition().id)))


@bp.post("/")
@organisers
def change() -> ResponseReturnValue:
    form = FestivalForm()
    if not form.validate():
        return _page(form), 422
    change_festival(edition().id, form.wanted(), now=clock.now(), by=me())
    flash(gettext("Festival enregistré."), "go")
    return redirect(url_for(".show"), 303)


def _page(form: FestivalForm) -> str:
    festival = festival_of(edition().id)
    return render_template(
        "team_festival/show.html",
        form=form,
        items=festival.items if festival else [],
        kinds=KINDS,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
    )


@bp.get("/ajouter")
@organisers
def new() -> ResponseReturnValue:
    night = edition()
    start = {"day": night.night, "lon": night.start_lon, "lat": night.start_lat}
    return _item_page(None, _item_form(formdata=None, **start))


@bp.post("/ajouter")
@organisers
def add() -> ResponseReturnValue:
    form = _item_form()
    if not form.validate():
        return _item_page(None, form), 422
    add_item(edition().id, form.wanted(), now=clock.now(), by=me())
    flash(gettext("Rendez-vous ajouté."), "go")
    return redirect(url_for(".show"), 303)


@bp.get("/<slug>")
@organisers
def item(slug: str) -> ResponseReturnValue:
    one = _item(slug)
    return _item_page(one, _filled(one))


@bp.post("/<slug>")
@organisers
def edit(slug: str) -> ResponseReturnValue:
    one, form = _item(slug), _item_form()
    if not form.validate():
        return _item_page(one, form), 422
    version = int(form.version.data or 0)
    try:
        change_item(edition().id, one.id, form.wanted(), version=version, now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        return _compare(slug, form, refusal), 409
    flash(gettext("Rendez-vous enregistré."), "go")
    return redirect(url_for(".show"), 303)


@bp.post("/<slug>/supprimer")
@organisers
def remove(slug: str) -> ResponseReturnValue:
    one, version = _item(slug), request.form.get("version", "")
    try:
        remove_item(edition().id, one.id, version=int(version) if version.isdecimal() else 0, now=clock.now(), by=me())
    except ChangedMeanwhile as refusal:
        return _item_page(_item(slug), _filled(_item(slug)), refusal), 409
    flash(gettext("Rendez-vous supprimé."), "go")
    return redirect(url_for(".show"), 303)


def _item(slug: str) -> FestivalItem:
    return festival_item(edition().id, slug) or abort(404)


def _item_form(**more: Any) -> ItemForm:
    form = ItemForm(**more).during(edition().night)
    form.among(known_places())
    return form


def _filled(one: FestivalItem) -> ItemForm:
    """The form as the item stands; hours before six belong to the evening before."""
    starts = local(one.starts_at)
    day = starts.date() if starts.hour >= 6 else edition().night
    ends = f"{local(one.ends_at):%H:%M}" if one.ends_at else ""
    return _item_form(formdata=None, obj=one, day=day, starts=f"{starts:%H:%M}", ends=ends)


def _item_page(one: FestivalItem | None, form: ItemForm, refusal: Refusal | None = None, **more: Any) -> str:
    return render_template(
        "team_festival/item.html",
        item=one,
        form=form,
        refusal=refusal,
        filled=coverage(form),
        first_tongue=tongue_at_fault(form),
        **more,
    )


def _compare(slug: str, form: ItemForm, refusal: Refusal) -> str:
    """Own values stay typed; beside them what stands now. Saving again, having seen it, is allowed."""
    fresh = _item(slug)
    stored = item_draft(fresh)
    form.version.data = str(fresh.version)
    return _item_page(
        fresh, form, refusal, stored=stored, differing=differences(stored, form.wanted()),
        hand=last_hand("festival_item", fresh.id),
    )  # fmt: skip
