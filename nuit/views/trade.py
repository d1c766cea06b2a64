"""Trades: what people do there, and how one learns it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from nuit.i18n import texts
from nuit.planning.finding import fold
from nuit.queries.trade import hosts_by_trade, trades
from nuit.views.fresh import answer
from nuit.views.gate import on_show
from nuit.views.home import soon

bp = Blueprint("trade", __name__)


@bp.get("/metiers")
def index() -> ResponseReturnValue:
    night = on_show()
    if night is None:
        return soon()
    return answer(lambda: _drawn(night.id), night.id, night.revision)


def _drawn(edition_id: int) -> str:
    hosts = hosts_by_trade(edition_id)
    by_name = sorted(trades(), key=lambda trade: (trade.id not in hosts, fold(texts(trade.name))))
    return render_template("trade/index.html", trades=by_name, hosts=hosts)
