"""Practical questions, privacy, accessibility; after the night its summary."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.i18n import NAMES, hour, texts
from nuit.models import Edition
from nuit.planning.numbers import FEWEST, Departure, Pooled, grouped, pooled, total
from nuit.queries.team.numbers import departures, interests, visitors
from nuit.views.fresh import answer
from nuit.views.gate import on_show
from nuit.views.register import REGISTER

bp = Blueprint("about", __name__)


@bp.get("/infos")
def show() -> ResponseReturnValue:
    night = on_show()
    parts = (night.id, night.revision) if night else ()
    return answer(lambda: render_template("about/show.html"), *parts)


@bp.get("/infos/donnees")
def privacy() -> ResponseReturnValue:
    night = on_show()
    parts = (night.id, night.revision) if night else ()
    return answer(lambda: render_template("about/privacy.html"), *parts)


@bp.get("/infos/registre")
def register() -> ResponseReturnValue:
    night = on_show()
    parts = (night.id, night.revision) if night else ()
    return answer(lambda: render_template("about/register.html", register=REGISTER), *parts)


@bp.get("/bilan")
def summary() -> ResponseReturnValue:
    """After the night: only counts, and nothing under five people."""
    night = on_show() or abort(404)
    if clock.now() < night.closes_at:
        abort(404)
    return render_template("about/summary.html", **_counts(night))


def _counts(night: Edition) -> dict[str, Any]:
    lines, people = departures(night, clock.now()), visitors(night.id)
    has_entries = any(one.count.came for one in lines)

    def there(key: Callable[[Departure], str]) -> Pooled:
        counts = grouped(lines, key)
        return pooled((name, one.came if has_entries else one.booked) for name, one in counts.items() if name)

    return {
        "total": total(lines),
        "has_entries": has_entries,
        "companies": len({one.slug for one in lines}),
        "people": people.people,
        "hours": there(lambda one: hour(one.hour)),
        "districts": there(lambda one: one.district),
        "tongues": pooled((NAMES.get(name, name), count) for name, count in people.languages.items()),
        "trades": [(texts(one.trade), one.yes) for one in interests(night.id) if one.yes >= FEWEST],
    }
