"""Companies: the list with its filters, and one company."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.forms.company import KINDS
from nuit.forms.finding import PARAMETERS, FindForm
from nuit.i18n import texts
from nuit.models import Edition, Host, Visit
from nuit.planning.finding import Question, Relaxation, find, onward, relaxations
from nuit.queries.company import Programme, places_at, programme, published_host, visits_of
from nuit.queries.edition import pulse
from nuit.queries.picture import pictures_of
from nuit.queries.ride import minutes_from_start, ride_between_hosts
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

    def draw() -> str:
        host = published_host(night.id, slug) or abort(404)
        return render_template("company/show.html", **_told(night, host, now))

    return answer(draw, night.id, night.revision, places_at(night.id, slug))


def _listed(night: Edition, now: datetime) -> dict[str, Any]:
    found = programme(night.id, now)
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


def _told(night: Edition, host: Host, now: datetime) -> dict[str, Any]:
    found = programme(night.id, now)
    visits = visits_of(host.id)
    ride = ride_between_hosts(night, "ebike25")
    rides = {other: ride(host.id, other) for other in found.hosts}
    after, matches = onward(found.candidates, host.id, rides, now=now)
    return {
        "host": host,
        "company": host.company,
        "pictures": pictures_of(host.company_id),
        "visits": visits,
        "conditions": {visit.id: _lines(visit) for visit in visits},
        "minutes": minutes_from_start(night)[host.id],
        "groups": sorted({slot.capacity for visit in visits for slot in visit.slots}),
        "after": after,
        "onward": matches,
        "rides": rides,
        "hosts": found.hosts,
        "practices": [
            (PRACTICE_SIGNS.get(one.kind, "recyclage"), KINDS.get(one.kind, ""), one.text)
            for one in host.company.practices
        ],
        "phase": phase(night, now),
    }


def _lines(visit: Visit) -> list[tuple[str, str, str]]:
    return [*condition_lines(visit), wheelchair_line(visit), language_line(visit)]
