"""The first page: what, when, where."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.models import Edition, Host
from nuit.planning.finding import chances
from nuit.queries.company import programme
from nuit.queries.edition import Pulse, pulse
from nuit.queries.home import loops, next_items
from nuit.queries.standby import standby
from nuit.queries.trade import shown_trades
from nuit.render.sketch import sketch_svg
from nuit.views.fresh import answer
from nuit.views.gate import on_show

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()
    now = clock.now()
    counts = pulse(night.id, now)
    return answer(
        lambda: render_template("home/show.html", **_shown(night, counts, now)), night.id, night.revision, counts
    )


def soon() -> str:
    """What every programme page says while there is no edition: calm, and no fault."""
    return render_template("home/soon.html")


def _shown(night: Edition, counts: Pulse, now: datetime) -> dict[str, Any]:
    found, stage = programme(night, now), phase(night, now)
    return {
        "hosts": found.hosts,
        "visits": found.visits,
        "counts": counts,
        "phase": stage,
        "standby": standby(night, now) if stage == "night" else [],
        "left": _countdown(night.opens_at - now),
        "opens_for_browsers": night.opens_at - clock.shift(),
        "booking_for_browsers": night.booking_opens_at - clock.shift(),
        "chances": chances(found.candidates, hourly=stage != "night", limit=6),
        "more": lambda: _more(night, list(found.hosts.values()), now),
        "minute": now.replace(second=0, microsecond=0),
    }


def _more(night: Edition, hosts: list[Host], now: datetime) -> dict[str, Any]:
    """What the page shows besides the places: asked for once a revision and minute."""
    return {
        "loops": loops(night.id),
        "items": next_items(night.id, now, limit=4),
        "trades": shown_trades(night.id, limit=8),
        "facts": _facts(hosts, now),
        "sketch": sketch_svg([(host.lon, host.lat) for host in hosts], (night.start_lon, night.start_lat)),
    }


def phase(night: Edition, now: datetime) -> str:
    """before (booking), booking, night, after."""
    if now >= night.closes_at:
        return "after"
    if now >= night.opens_at:
        return "night"
    return "booking" if now >= night.booking_opens_at else "before"


def _countdown(left: timedelta) -> tuple[int, int, int]:
    minutes = max(0, int(left.total_seconds() // 60))
    return minutes // 1440, minutes // 60 % 24, minutes % 60


def _facts(hosts: list[Host], now: datetime) -> list[Host]:
    """Two companies with a surprising truth, others each day."""
    telling = [host for host in hosts if host.company.fact]
    if len(telling) < 3:
        return telling
    first = now.toordinal() * 2 % len(telling)
    return [telling[first], telling[(first + len(telling) // 2) % len(telling)]]
