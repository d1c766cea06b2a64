"""What every page of the company desk shares: whose it is, its tabs, and how its forms know the evening."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from nuit.clock import at_wall
from nuit.models import Host, Slot, Visit
from nuit.queries.desk import slot_of, visit_of
from nuit.views.gate import edition, member, my_host, only

bp = Blueprint("host", __name__, url_prefix="/espace")


def mine(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A page of one company, for its own contacts and for organisers; for everybody else it does not exist."""

    @only("host", "organiser")
    @wraps(view)
    def found(slug: str, **ids: Any) -> ResponseReturnValue:
        return view(my_host(slug), **ids)

    return found


def me() -> int | None:
    """The id of who is signed in, for the trail."""
    who = member()
    return who.id if who else None


def my_visit(host: Host, visit_id: int) -> Visit:
    return visit_of(host.id, visit_id) or abort(404)


def my_slot(host: Host, slot_id: int) -> Slot:
    return slot_of(host.id, slot_id) or abort(404)


def tonight(hour: str) -> datetime:
    """The instant of HH:MM on the edition's evening; hours before 06:00 fall after midnight."""
    return at_wall(edition().night, hour)


def touched() -> tuple[int | None, int | None]:
    """Where the picture around the door was touched, in pixels from its top left; (None, None) where it was not."""
    return request.form.get("map.x", type=int), request.form.get("map.y", type=int)
