"""One minute after the night: what a party thought of each company it went to. No account; the mail's link opens it."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.writing import answer
from nuit.forms.writing import answers
from nuit.keys import may_answer
from nuit.models import Booking
from nuit.queries.booking import booking_by_reference
from nuit.queries.writing import answered, visited
from nuit.views.gate import keys

bp = Blueprint("survey", __name__)


def _booking(reference: str, key: str) -> Booking:
    """The booking of the mail's link; 404 for any other."""
    g.personal = True
    if len(reference) > 20 or len(key) > 64 or not may_answer(keys().secret, reference, key):
        abort(404)
    found = booking_by_reference(reference)
    return found if found is not None and found.email else abort(404)  # its data are erased: nobody answers for it


@bp.get("/avis/<reference>/<key>")
def show(reference: str, key: str) -> ResponseReturnValue:
    booking = _booking(reference, key)
    return render_template(
        "survey/show.html", hosts=visited(booking), done=answered(booking.id), key=key, reference=reference
    )


@bp.post("/avis/<reference>/<key>")
def send(reference: str, key: str) -> ResponseReturnValue:
    booking = _booking(reference, key)
    answer(booking.id, answers(request.form, [one.id for one in visited(booking)]), now=clock.now())
    flash(gettext("Merci. Vos réponses sont enregistrées, sans votre nom."), "go")
    return redirect(url_for(".show", reference=reference, key=key), 303)
