"""What is of use on the way, loaded from files by organisers."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.amenity import put_amenities, remove_amenities
from nuit.errors import AmenitiesRefused
from nuit.forms.amenity import AmenityForm
from nuit.planning.amenity import KINDS, NoAmenities, read_amenities
from nuit.planning.streets.region import surroundings
from nuit.queries.amenity import amenity_counts
from nuit.queries.ride import host_places
from nuit.views.amenity import kind_words
from nuit.views.gate import edition
from nuit.views.team.room import me, organisers

bp = Blueprint("team_amenities", __name__, url_prefix="/equipe/alentours")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    return _page(AmenityForm())


@bp.post("/")
@organisers
def load() -> ResponseReturnValue:
    form, night = AmenityForm(), edition()
    if not form.validate():
        return _page(form), 422
    box = surroundings((night.start_lon, night.start_lat), host_places(night.id).values())
    try:
        found = read_amenities(form.content(), box, form.kind.data or None)
    except NoAmenities as fault:
        form.file.errors = [gettext(AmenitiesRefused.SENTENCES[fault.reason])]
        return _page(form), 422
    counts = put_amenities(night.id, found, now=clock.now(), by=me())
    told = ", ".join(f"{kind_words()[kind]} : {count}" for kind, count in counts.items())
    flash(gettext("Sur la carte. %(counts)s.", counts=told), "go")
    return redirect(url_for(".index"), 303)


@bp.post("/<kind>/retirer")
@organisers
def remove(kind: str) -> ResponseReturnValue:
    if kind not in KINDS:
        abort(404)
    remove_amenities(edition().id, kind, now=clock.now(), by=me())
    flash(gettext("Retiré de la carte."), "go")
    return redirect(url_for(".index"), 303)


def _page(form: AmenityForm) -> str:
    return render_template(
        "team_amenities/index.html", form=form, counts=amenity_counts(edition().id), words=kind_words()
    )
