"""Companies: the list with its filters, and one company."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.forms.company import KINDS
from nuit.forms.finding import PARAMETERS, FindForm
from nuit.i18n import texts
from nuit.models import Edition
from nuit.planning.finding import Question, Relaxation, find, relaxations
from nuit.queries.company import Hour, Places, Presented, Programme, hosts_on_show, presented, programme
from nuit.queries.edition import pulse
from nuit.queries.ride import minutes_from_start
from nuit.views.ahead import Ahead, ahead, is_free
from nuit.views.conditions import condition_lines, language_line, wheelchair_line
from nuit.views.fresh import answer
from nuit.views.gate import edition, on_show
from nuit.views.home import phase, soon

bp = Blueprint("company", __name__)
PRACTICE_SIGNS = {
    "reuse": "echange",
    "repair": "outil",
    "recycling": "recyclage",
    "heat": "chaleur",
    "energy": "eclair",
    "water": "goutte",
    "local": "lieu",
    "transport": "velo",
}


@bp.get("/entreprises")
def index() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()
    now = clock.now()
    counts = pulse(night.id, now)
    return answer(
        lambda: render_template("company/index.html", **_listed(night, now)), night.id, night.revision, counts
    )


@bp.get("/entreprises/<slug>")
def show(slug: str) -> ResponseReturnValue:
    night, now = edition(), clock.now()
    told = presented(night.id, night.revision, slug) or abort(404)
    further, places = ahead(night, told, now)
    return answer(
        lambda: render_template("company/show.html", **_told(night, told, now, further, places)),
        night.id,
        night.revision,
        further.slots,
        tuple(places.values()),
    )


def _listed(night: Edition, now: datetime) -> dict[str, Any]:
    found = programme(night, now)
    form = _form(night, found)
    question = form.question()
    matches = find(found.candidates, question)
    return {
        "form": form,
        "question": question,
        "matches": matches,
        "hosts": found.hosts,
        "total": len(found.hosts),
        "asked": _asked(form, question),
        "easier": [] if matches else [_easier(form, one) for one in relaxations(found.candidates, question)],
        "phase": phase(night, now),
    }


def _form(night: Edition, found: Programme) -> FindForm:
    hosts = found.hosts.values()
    start = texts(night.start_name) or gettext("Départ")
    return FindForm(
        request.args,
        most_seats=night.max_party,
        languages=sorted({code for visit in found.visits.values() for code in visit.languages}),
        trades={trade.slug: texts(trade.name) for host in hosts for trade in host.company.trades},
        near={start: (night.start_lon, night.start_lat)} | found.districts,
    )


def _without(form: FindForm, field: str, value: Any = None) -> str:
    """The address of the same question with one part given up, or weaker."""
    asked = form.asked()
    name = PARAMETERS[field]
    gone = {name, "lon", "lat"} if field == "near" else {name}
    kept = {key: one for key, one in asked.items() if key not in gone}
    return url_for("company.index", **(kept | ({name: value} if value else {})))


def _asked(form: FindForm, question: Question) -> list[tuple[str, str]]:
    """What narrows the list now, in words, each with the address that takes it away."""
    neutral = Question()
    return [
        (form.said(field), _without(form, field))
        for field in PARAMETERS
        if getattr(question, field) != getattr(neutral, field)
    ]


def _easier(form: FindForm, one: Relaxation) -> tuple[str, int, str]:
    """A nearby question that has answers: its words, how many, its address."""
    if one.value:
        words = form.said(one.field, one.value)
    else:
        words = gettext("sans « %(filter)s »", filter=form.said(one.field).strip("«\u00a0»"))
    return words[:1].upper() + words[1:], one.count, _without(form, one.field, one.value)


def _told(night: Edition, told: Presented, now: datetime, further: Ahead, places: dict[int, Places]) -> dict[str, Any]:
    company = told.host.company
    plates = {visit: _plates(hours, places) for visit, hours in told.hours.items()}
    return {
        "host": told.host,
        "company": company,
        "pictures": told.pictures,
        "visits": told.visits,
        "plates": plates,
        "conditions": lambda visit: [*condition_lines(visit), wheelchair_line(visit), language_line(visit)],
        "minutes": lambda: minutes_from_start(night)[told.host.id],
        "groups": tuple(sorted({plate.capacity for shown in plates.values() for plate in shown})),
        "after": further.after,
        "onward": _onward(further, places),
        "hosts": hosts_on_show(night),
        "practices": lambda: [
            (PRACTICE_SIGNS.get(one.kind, "recyclage"), KINDS.get(one.kind, ""), one.text) for one in company.practices
        ],
        "phase": phase(night, now),
    }


@dataclass(frozen=True, slots=True)
class Plate:
    """One departure as it stands on the page."""

    id: int
    starts_at: datetime
    taken: int
    capacity: int
    status: str

    @property
    def left(self) -> int:
        return self.capacity - self.taken


def _plates(hours: dict[int, Hour], places: dict[int, Places]) -> list[Plate]:
    return [
        Plate(slot, hour.starts_at, at.taken, at.capacity, at.status)
        for slot, hour in hours.items()
        if (at := places.get(slot)) is not None
    ]


def _onward(further: Ahead, places: dict[int, Places]) -> list[tuple[int, datetime, int, float]]:
    """(host, departure, places left now, minutes of ride) of each departure in reach."""
    return [
        (match.host, match.next.starts_at, places[match.next.slot].left, minutes)
        for match, minutes in further.matches
        if match.next and match.next.slot in places and is_free(places[match.next.slot])
    ]
