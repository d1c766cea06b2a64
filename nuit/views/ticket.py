"""What any phone shows that reads a ticket's QR: what it is, and nothing about whom."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from nuit.models import Booking
from nuit.planning.ticketcode import PARTY, BadTicket, TicketCode, verify
from nuit.queries.booking import booking_by_token_id
from nuit.queries.edition import edition_by_id
from nuit.views.gate import holds, keys, limit, roles

bp = Blueprint("ticket", __name__)


@bp.get("/T/<token>")
@bp.get("/t/<token>")
def show(token: str) -> ResponseReturnValue:
    """A forged token, an unknown one and any other text look alike."""
    g.personal = True
    said = _read(token)
    booking = booking_by_token_id(said.edition, said.token_id) if said else None
    if said is None or booking is None:
        limit("ticket", at_most=60, minutes=1)
        return render_template("ticket/unknown.html"), 404
    return render_template(
        "ticket/show.html",
        night=edition_by_id(said.edition),
        is_party=said.kind == PARTY,
        booking=booking if _is_holder(booking) else None,
        at_door=bool(roles() & {"organiser", "host", "volunteer"}),
        token=token.upper(),
    )


def _read(token: str) -> TicketCode | None:
    try:
        return verify(Ed25519PublicKey.from_public_bytes(keys().public), token)
    except BadTicket:
        return None


def _is_holder(booking: Booking) -> bool:
    return holds(booking.reference, booking.epoch)
