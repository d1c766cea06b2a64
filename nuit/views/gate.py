"""Who is asking, and may they: members by their browser's sign-in, visitors by their booking's manage token."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from nuit import clock
from nuit.actions.member import seen
from nuit.actions.quota import allow
from nuit.keys import Keys, confirms, manages
from nuit.models import Booking, Edition, Host, Member
from nuit.queries.company import host_by_slug
from nuit.queries.edition import edition_on_show
from nuit.queries.member import hosts_of, signed_in

P = ParamSpec("P")


def keys() -> Keys:
    found: Keys = current_app.extensions["nuit.keys"]
    return found


def on_show() -> Edition | None:
    """The edition on show, if there is one."""
    if "edition" not in g:
        g.edition = edition_on_show()
    found: Edition | None = g.edition
    return found


def edition() -> Edition:
    """The edition on show; 404 while there is none."""
    return on_show() or abort(404)


def member() -> Member | None:
    """The member who is signed in in this browser."""
    if "member" not in g:
        g.member = _member()
    found: Member | None = g.member
    return found


def _member() -> Member | None:
    token = session.get("in")
    found = signed_in(token, clock.now()) if isinstance(token, str) else None
    if found is None:
        return None
    if clock.now() - found.seen_at > timedelta(minutes=10):
        seen(found.id, now=clock.now())
    return found.member


def roles() -> set[str]:
    who = member()
    return {one.role for one in who.memberships} if who else set()


def only(*allowed: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Lets a view answer to these roles only: others get the sign-in page, or 404 when they are signed in."""

    def wrap(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            g.personal = True
            if member() is None:
                wanted = request.full_path.rstrip("?") if request.method == "GET" else url_for("desk.index")
                return redirect(url_for("sign_in.new", next=wanted), 303)
            if not roles() & set(allowed):
                abort(404)
            return view(*args, **kwargs)

        return guarded

    return wrap


def my_host(slug: str) -> Host:
    """The host of that company, for its own contacts and for organisers; 404 for everybody else."""
    who = member()
    if who is None:
        abort(404)
    if "organiser" in roles():
        found = host_by_slug(edition().id, slug)
    else:
        found = next((one for one in hosts_of(who, edition().id) if one.company.slug == slug), None)
    return found or abort(404)


def holds(reference: str, epoch: int) -> bool:
    """Whether this browser (or this request's bearer token) may manage the booking."""
    token = session.get("bookings", {}).get(reference) or (request.authorization and request.authorization.token) or ""
    return manages(keys().secret, reference, epoch, token)


def keep(reference: str, token: str) -> None:
    """Remembers in this browser that it may manage the booking; at most the last six."""
    _remember("bookings", reference, token)


def keep_proof(reference: str, token: str) -> None:
    """Remembers that this browser has opened the mail by which the booking is confirmed; at most the last six."""
    _remember("proofs", reference, token)


def _remember(where: str, reference: str, token: str) -> None:
    kept = {key: value for key, value in session.get(where, {}).items() if key != reference}
    session[where] = dict([*kept.items(), (reference, token)][-6:])
    session.permanent = True


def has_read_mail(booking: Booking) -> bool:
    """Whether this browser has opened the mail that went to the booking's address."""
    token = session.get("proofs", {}).get(booking.reference, "")
    return confirms(keys().secret, booking.reference, booking.email, token)


def drop(reference: str) -> None:
    """This browser no longer manages the booking."""
    session["bookings"] = {key: value for key, value in session.get("bookings", {}).items() if key != reference}


def limit(what: str, *, at_most: int, minutes: int, who: str | None = None) -> None:
    """Refuses what this network (or `who`) asks too often; off for load tests. Raises TooOften."""
    if current_app.config["NUIT_LIMITS"]:
        allow(
            what, who or request.remote_addr or "?", at_most=at_most, every=timedelta(minutes=minutes), now=clock.now()
        )
