"""The night, live: asked again every five seconds, 304 while nothing has moved; on a big screen with ?grand=1."""

import hashlib
from collections import Counter
from datetime import datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.i18n import spoken
from nuit.models import Edition
from nuit.planning.board import Board, board
from nuit.queries.door.count import departures
from nuit.queries.door.party import night_of
from nuit.queries.team.night import conflicts, houses, night_version, phones
from nuit.render.chart import Flow, flow
from nuit.views.gate import edition, roles
from nuit.views.team.room import readers

bp = Blueprint("team_night", __name__, url_prefix="/equipe/nuit")
CLOCK_EVERY = 30
"""Seconds after which the board is drawn anew though nothing was scanned: people become late all the same."""

SILENT = timedelta(minutes=5)


@bp.get("/")
@readers
def show() -> ResponseReturnValue:
    night, now, grand = edition(), clock.now(), "grand" in request.args
    tick = int(now.timestamp()) // CLOCK_EVERY
    said = f"{night_version(night.id)}/{tick}/{spoken()}/{grand}/{sorted(roles())}"
    version = hashlib.sha256(said.encode()).hexdigest()[:24]
    known = request.if_none_match.contains_weak(version)
    answer = Response(status=304) if known else make_response(_page(night, now, grand))
    answer.set_etag(version, weak=True)
    return answer


def _page(night: Edition, now: datetime, grand: bool) -> str:
    found = conflicts(night.id)
    lines = departures(night.id)
    whole = board(
        houses(night.id), lines, Counter(one.host for one in found), now=now, late=night_of(night).tolerance.late,
        span=(night.opens_at, night.closes_at),
    )  # fmt: skip
    names = {line.house.id: line.house.company for line in whole.lines}
    return render_template(
        f"team_night/{'grand' if grand else 'show'}.html",
        board=whole,
        names=names,
        lines=sorted(whole.lines, key=lambda line: (line.late_since is None, -line.inside, -line.coming)),
        flow=_flow(whole, now),
        conflicts=found,
        phones=phones(night.id),
        silent=now - SILENT,
        across=_across(len(whole.lines)),
    )


def _across(houses: int) -> int:
    """How many stand side by side on the wall, so that the last row is as full as can be."""
    choices = (4, 5, 6) if houses <= 36 else (7, 8) if houses <= 72 else (9, 10)
    return min(choices, key=lambda across: (-houses % across, across))


def _flow(whole: Board, now: datetime) -> Flow:
    return flow([(one.at, one.booked, one.came) for one in whole.curve], now)
