"""What the tests of the organisers' desk share: a signed-in organiser, a page's words, its statements counted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select

from nuit.db import db
from nuit.models import AuditLine, Edition, Member
from tests.factories import a_member, an_edition, signed_in
from tests.typed import typed


def at_the_desk(client: FlaskClient, **values: Any) -> tuple[Edition, Member]:
    """An edition, and its organiser signed in in this browser."""
    edition = an_edition(**values)
    member = a_member("organiser")
    signed_in(client, member)
    return edition, member


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    """A page as it is sent."""
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def words(html: str) -> str:
    """What a page says: no tags, one blank between words, no-break spaces as blanks."""
    inside = html.split("<main", 1)[-1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inside)).replace("\u00a0", " ").split())


def send(client: FlaskClient, address: str, action: str = "", /, expect: int = 303, **changes: Any) -> str:
    """Opens a page, changes its form, sends it; the page that comes back (or the one it leads to)."""
    fields = typed(page(client, address), action or address.split("?")[0], **changes)
    answer = client.post(action or address, data=fields)
    assert answer.status_code == expect, words(answer.get_data(as_text=True))[:1500]
    return page(client, answer.location) if expect == 303 else answer.get_data(as_text=True)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that runs meanwhile."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def cost(client: FlaskClient, address: str) -> int:
    """How many statements a page takes."""
    page(client, address)
    with statements() as found:
        page(client, address)
    return len(found)


def trail() -> list[tuple[str, str]]:
    """(verb, noun) of every line of the trail, in order."""
    return [(line.verb, line.noun) for line in db.session.scalars(select(AuditLine).order_by(AuditLine.id))]
