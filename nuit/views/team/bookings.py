"""Bookings: anyone found, one party's evening with its mails and scans, and what an organiser may do for it."""

from datetime import datetime

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.booking import give_back
from nuit.actions.resend import send_again
from nuit.actions.retention import erase
from nuit.clock import local
from nuit.errors import Refusal
from nuit.forms.search import SearchForm
from nuit.i18n import say, texts
from nuit.models import Booking
from nuit.queries.booking import booking_by_reference, evening_of
from nuit.queries.personal import kept_about
from nuit.queries.team.bookings import (
    SHORTEST,
    Row,
    export_rows,
    found_bookings,
    messages_of,
    readings_of,
    titles,
    troubled_messages,
)
from nuit.views.files import json_text, saved, table
from nuit.views.gate import edition, limit
from nuit.views.team.room import me, organisers
from nuit.views.team.words import AGES, MAILS, MODES, SEATS, VERDICTS

bp = Blueprint("team_bookings", __name__, url_prefix="/equipe/reservations")


@bp.get("/")
@organisers
def index() -> ResponseReturnValue:
    form = SearchForm(request.args)
    page = found_bookings(edition().id, form.text, number=form.page)
    wanted = form.text if len(form.text) >= SHORTEST else ""
    return render_template("team_bookings/index.html", form=form, page=page, wanted=wanted)


@bp.get("/messages")
@organisers
def mails() -> ResponseReturnValue:
    return render_template("team_bookings/mails.html", troubled=troubled_messages(), mails=MAILS)


@bp.get("/<any(csv,xlsx,json):kind>")
@organisers
def export(kind: str) -> ResponseReturnValue:
    limit("export", at_most=30, minutes=10, who=f"{me()}")
    told = Told(titles(edition().id))
    rows = (told.cells(row) for row in export_rows(edition().id))
    return table(kind, f"reservations-{edition().slug}", gettext("Réservations"), _columns(), rows)


def _columns() -> list[tuple[str, str]]:
    return [
        ("reference", gettext("Référence")), ("name", gettext("Nom")), ("email", gettext("Adresse e-mail")),
        ("language", gettext("Langue")), ("mode", gettext("En route")), ("state", gettext("État")),
        ("booked_at", gettext("Réservé le")), ("person", gettext("Personne")), ("age", gettext("Âge")),
        ("company", gettext("Entreprise")), ("visit", gettext("Visite")), ("starts_at", gettext("Départ")),
        ("seat", gettext("Place")), ("entered_at", gettext("Entrée")),
    ]  # fmt: skip


class Told:
    """Rows in words; each word, title and hour is looked up once, however many rows there are."""

    def __init__(self, visits: dict[int, dict[str, str]]) -> None:
        self.visits = {key: texts(title) for key, title in visits.items()}
        self.modes, self.ages, self.seats = (
            {key: str(word) for key, word in of.items()} for of in (MODES, AGES, SEATS)
        )
        self.states = {"given_back": gettext("rendue"), "confirmed": gettext("réservée"), "held": gettext("à confirmer"),
                       "lapsed": gettext("échue")}  # fmt: skip
        self.walls: dict[datetime | None, str] = {None: ""}

    def cells(self, row: Row) -> list[object]:
        return [
            row.reference, row.name, row.email, row.locale, self.modes.get(row.mode, row.mode),
            self.states.get(row.state, row.state), self.wall(row.created_at), row.label,
            self.ages.get(row.age_band, row.age_band), row.company or "", self.visits.get(row.visit or 0, ""),
            self.wall(row.starts_at), self.seats.get(row.status or "", ""), self.wall(row.entered_at),
        ]  # fmt: skip

    def wall(self, instant: datetime | None) -> str:
        """The wall-clock time of an instant."""
        if instant not in self.walls:
            self.walls[instant] = f"{local(instant):%Y-%m-%d %H:%M}" if instant else ""
        return self.walls[instant]


@bp.get("/<reference>")
@organisers
def show(reference: str) -> ResponseReturnValue:
    booking = _booking(reference)
    return render_template(
        "team_bookings/show.html",
        booking=booking,
        stops=evening_of(booking),
        gone=[seat for ticket in booking.tickets for seat in ticket.seats if seat.status not in ("held", "confirmed")],
        messages=messages_of(booking.id),
        readings=readings_of(booking.id),
        ages=AGES,
        modes=MODES,
        seats=SEATS,
        mails=MAILS,
        verdicts=VERDICTS,
    )


@bp.post("/<reference>/renvoyer")
@organisers
def resend(reference: str) -> ResponseReturnValue:
    booking = _booking(reference)
    try:
        send_again(booking.reference, now=clock.now(), by=me())
    except Refusal as refusal:
        flash(say(refusal), "wait")
    else:
        flash(gettext("La confirmation repart à %(email)s.", email=booking.email), "go")
    return redirect(url_for(".show", reference=reference), 303)


@bp.post("/<reference>/rendre")
@organisers
def give_all_back(reference: str) -> ResponseReturnValue:
    booking = _booking(reference)
    if request.form.get("confirm") != "yes":
        flash(gettext("Cochez d’abord que le groupe le veut. Rien n’a été rendu."), "wait")
    else:
        give_back(booking.reference, now=clock.now(), by=me())
        flash(gettext("La soirée est rendue, ses places sont libres. Le groupe reçoit un message."), "go")
    return redirect(url_for(".show", reference=reference), 303)


@bp.get("/<reference>/donnees.json")
@organisers
def own_data(reference: str) -> ResponseReturnValue:
    """For somebody who calls and asks what is kept."""
    booking = _booking(reference)
    return saved(json_text(kept_about(booking, edition())), f"nuit-{booking.reference}.json")


@bp.post("/<reference>/effacer")
@organisers
def erase_all(reference: str) -> ResponseReturnValue:
    booking = _booking(reference)
    if request.form.get("confirm") != "yes":
        flash(gettext("Cochez d’abord que la personne le veut. Rien n’a été effacé."), "wait")
    else:
        erase(booking.reference, letters=current_app.config["NUIT_INSTANCE"] / "mail", now=clock.now(), by=me())
        flash(gettext("Les données de ce groupe sont effacées. Les nombres restent."), "go")
    return redirect(url_for(".show", reference=reference), 303)


def _booking(reference: str) -> Booking:
    """A booking of this edition; 404 for any other."""
    found = booking_by_reference(reference)
    return found if found is not None and found.edition_id == edition().id else abort(404)
