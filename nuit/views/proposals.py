"""Composer ma soirée: a wish in the address, three evenings that can be booked now, and why not the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.conditions import lines
from nuit.forms.wish import WishForm
from nuit.models import Edition
from nuit.planning.night import Itinerary, NightError
from nuit.planning.outing import Halt, Outing
from nuit.planning.posing import Firm, Posed, number_of
from nuit.planning.proposal import longer, proposals, visits
from nuit.queries.ground import ground
from nuit.queries.programme import live_state
from nuit.queries.proposing import outings, stage_of, the_night
from nuit.render.ground import frame
from nuit.views import basket
from nuit.views.fresh import answer
from nuit.views.home import phase
from nuit.views.why import name, why

SECONDS = 0.25
"""How long each of the three evenings may be looked for; they are nearly always proven long before."""
KINDS = {"best": "meilleure", "calm": "calme", "surprising": "surprenante"}
"""The address's word for each evening."""


@dataclass(frozen=True)
class Proposed:
    """What the page says: the evenings, the one that is open, and the reasons of the companies that are not in it."""

    outings: list[Outing]
    opened: Outing | None
    posed: Posed | None = None
    asked_not: list[tuple[str, str, str]] = field(default_factory=list)
    others_not: list[tuple[str, str, str]] = field(default_factory=list)
    later: tuple[datetime, int] | None = None


def page(night: Edition) -> ResponseReturnValue:
    """The page of the wish in this request's address; the same for everybody who asks the same while nothing moves."""
    now = clock.now()
    return answer(lambda: _drawn(night, now), night.id, night.revision, live_state(night.id), len(basket.chosen()))


def _drawn(night: Edition, now: datetime) -> str:
    stage = stage_of(night)
    form = WishForm(request.args, night, stage, now)
    found = Proposed([], None) if form.said else proposed(night, form, now)
    return render_template(
        "evening/proposals.html", form=form, found=found, phase=phase(night, now), kinds=KINDS, words=words(),
        link=lambda **changes: url_for("evening.compose", **form.asked(**changes)), also=also(form),
        book=lambda one: booking_link(form, one), chosen=len(basket.chosen()), frame=framed, lines=lines,
    )  # fmt: skip


def proposed(night: Edition, form: WishForm, now: datetime) -> Proposed:
    """The three evenings of a wish and everything that is said around them."""
    wish = form.wish()
    try:
        posed = the_night(night, form.stage, wish, now)
    except NightError as fault:
        form.said["envie"] = gettext("Cette demande est trop grande : %(field)s.", field=fault.field)
        return Proposed([], None)
    found = proposals(posed.night, night.max_stops, stop=clock.deadline(SECONDS * 3))
    shown = outings(night, posed, wish, [one for one in found if visits(one)])
    opened = _opened(shown)
    plan = next((one for one in found if opened and one.kind == opened.kind), found[0] if found else None)
    asked_not, others_not = _reasons(posed, form, plan) if plan else ([], [])
    return Proposed(shown, opened, posed, asked_not, others_not, None if shown else _later(posed))


def _opened(shown: Sequence[Outing]) -> Outing | None:
    wanted = request.args.get("soiree", "")
    return next((one for one in shown if KINDS.get(one.kind) == wanted), shown[0] if shown else None)


def _later(posed: Posed) -> tuple[datetime, int] | None:
    """Until when the evening must last, and how many visits become possible then."""
    found = longer(posed.night, stop=clock.deadline(SECONDS))
    return (posed.at(posed.night.until + found[0]), visits(found[1])) if found else None


def _reasons(
    posed: Posed, form: WishForm, plan: Itinerary
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """(slug, name, sentence) of what was asked for by name and is not there, and of every other company."""
    said = {one.company: why(posed, one, posed.night.seats) for one in plan.unserved}
    there = {stop.company for stop in plan.stops}
    wanted = {*form.envie.data, *form.rdv.data, *form.required}
    asked: list[tuple[str, str, str]] = []
    others: list[tuple[str, str, str]] = []
    for one in posed.stage.everyone:
        number = number_of(one)
        if number in there or (not isinstance(one, Firm) and one.slug not in wanted):
            continue
        sentence = said.get(number) or gettext("Plus aucun départ ce soir.")
        (asked if one.slug in wanted else others).append((one.slug, name(one), sentence))
    return asked, others


def also(form: WishForm) -> str:
    """The address of this wish with one more company, up to its slug: a page names every company that is left out."""
    asked = form.asked()
    wanted = asked.pop("avec", [])
    return url_for("evening.compose", **asked, avec=[*wanted, ""])


def words() -> dict[str, tuple[str, str]]:
    """Title and promise of each evening."""
    return {
        "best": (gettext("La meilleure"), gettext("Le plus de ce que vous aimez.")),
        "calm": (gettext("La calme"), gettext("Un quart d’heure pour souffler avant chaque visite.")),
        "surprising": (gettext("La surprenante"), gettext("D’autres portes, souvent moins pleines.")),
    }


def booking_link(form: WishForm, one: Outing) -> str:
    """One tap: the booking form of this evening, for this party, in one address."""
    return url_for(
        "booking.new", creneaux=".".join(str(slot) for slot in one.slots), mode=form.mode.data,
        ages=",".join(person.age_band for person in form.party()), envies=urlencode(form.asked(), doseq=True),
    )  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """An evening on the ground's picture: the part shown, the rides, and the numbered stops."""

    left: int
    top: int
    wide: int
    high: int
    names: tuple[tuple[str, float, float], ...]
    rides: tuple[tuple[tuple[float, float], ...], ...]
    halts: tuple[Halt, ...]

    @property
    def box(self) -> str:
        return f"{self.left},{self.top},{self.wide},{self.high}"


def framed(one: Outing) -> Drawing:
    """The drawing of an evening, from its start to where it ends."""
    rides = (*(halt.line for halt in one.halts), one.back_line)
    points = [point for line in rides for point in line]
    part = frame(ground(), points)
    return Drawing(part.left, part.top, part.wide, part.high, part.names, rides, one.halts)
