"""One's own data: everything that is kept, to be read or saved, and erased for good."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.retention import erase
from nuit.models import Booking
from nuit.queries.personal import kept_about
from nuit.views.booking.room import bp, evening, mine
from nuit.views.files import json_text, saved
from nuit.views.gate import drop
from nuit.views.team.words import MAILS, MODES, SEATS, VERBS, VERDICTS, WAITS


@bp.get("/ma-soiree/<reference>/donnees")
def own(reference: str) -> ResponseReturnValue:
    return _page(mine(reference))


def _page(booking: Booking, missing: bool = False) -> str:
    found = evening(booking)
    return render_template(
        "booking/own.html",
        booking=booking,
        told=kept_about(booking, found.edition),
        ahead=found.may_change(clock.now()),
        missing=missing,
        modes=MODES,
        seats=SEATS,
        mails=MAILS,
        verdicts=VERDICTS,
        verbs=VERBS,
        waits=WAITS,
    )


@bp.get("/ma-soiree/<reference>/donnees.json")
def own_data(reference: str) -> ResponseReturnValue:
    booking = mine(reference)
    return saved(json_text(kept_about(booking, evening(booking).edition)), f"nuit-{booking.reference}.json")


@bp.post("/ma-soiree/<reference>/effacer")
def erase_own(reference: str) -> ResponseReturnValue:
    booking = mine(reference)
    if request.form.get("confirm") != "yes":
        return _page(booking, missing=True), 422
    erase(booking.reference, letters=current_app.config["NUIT_INSTANCE"] / "mail", now=clock.now())
    drop(booking.reference)
    flash(gettext("Vos données sont effacées. Il n’en reste que des nombres."), "go")
    return redirect(url_for(".mine", toutes=1), 303)
