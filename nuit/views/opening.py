"""Pages that change at an instant come again by themselves, also in a browser without scripts."""

from datetime import timedelta

from flask import Flask, Response, g, request

from nuit import clock
from nuit.models import Edition

SHOWN = ("home.show", "company.index", "company.show", "evening.compose")
SOON = timedelta(hours=1)


def init_app(app: Flask) -> None:
    """Adds the header to pages that tell whether one can book."""
    app.after_request(_come_again)


def _come_again(response: Response) -> Response:
    night: Edition | None = g.get("edition")
    if night is None or request.endpoint not in SHOWN or request.method != "GET":
        return response
    instants = [one for one in (night.booking_opens_at, night.second_wave_at) if one is not None]
    left = min((one - clock.now() for one in instants if one > clock.now()), default=SOON)
    if left < SOON:
        response.headers["Refresh"] = str(int(left.total_seconds()) + 2)
    return response
