"""An evening in the pocket: one page that a phone keeps and shows without a network, and how it is forgotten."""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.i18n import spoken
from nuit.queries.ride import network
from nuit.render.turns import LegLines
from nuit.views.assets import asset
from nuit.views.booking.room import Evening, bp, drawn, evening, mine, rides_of
from nuit.views.gate import drop
from nuit.views.take import drawing

WORKER = Path(__file__).parents[3] / "static" / "evening" / "worker.js"


@dataclass(frozen=True)
class Way:
    """The ride to a stop: a drawing ("" where nobody moves), and its turns in words."""

    drawing: str
    lines: LegLines


@bp.get("/ma-soiree/<reference>/poche")
def pocket(reference: str) -> ResponseReturnValue:
    found, now = evening(mine(reference)), clock.now()
    page = {
        "evening": found,
        "booking": found.booking,
        "edition": found.edition,
        "upcoming": found.timetable.next_at(now) if found.timetable.stops else None,
        "ways": _ways(found),
        "drawn": drawn,
    }
    return render_template("booking/pocket.html", **page, state=_state(found))


@bp.get("/ma-soiree/sans-reseau")
def without_network() -> ResponseReturnValue:
    """What a phone shows that keeps several evenings, or none of that name; the same for everybody."""
    return render_template("booking/without_network.html")


@bp.get("/ma-soiree/veille.js")
def worker() -> Response:
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": url_for(".mine")}
    return Response(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8", headers=headers)


@bp.post("/ma-soiree/<reference>/oublier")
def forget(reference: str) -> ResponseReturnValue:
    """This browser no longer holds the key; the booking stands."""
    drop(mine(reference, is_confirmed=False).reference)
    flash(gettext("Oubliée sur cet appareil. La réservation reste valable : votre e-mail contient le lien."), "go")
    return redirect(url_for(".mine", toutes=1), 303)


def _ways(found: Evening) -> list[Way | None]:
    """In the order of the stops; None where no street is known."""
    rides = rides_of(found)
    if not rides.told:
        return [None] * len(found.timetable.stops)
    return [Way(drawing(rides.track, number, rides.names)[0], leg) for number, leg in enumerate(rides.told)]


def _state(found: Evening) -> str:
    """Changes whenever the page says something else, the hour apart."""
    seats = [(seat.id, seat.entered_at) for seats in found.seats.values() for seat in seats]
    told = (
        found.timetable, seats, found.codes, [slot.id for slot, _status in found.gone], found.edition.contact_phone,
        network().revision, spoken(), asset("nuit.css"), asset("evening.js"), asset("evening.css"),
    )  # fmt: skip
    return blake2b(repr(told).encode(errors="replace"), digest_size=12).hexdigest()
