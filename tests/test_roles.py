"""Every route × every role, from the table in tests/roles.py; foreign ids, enormous ids, and fields nobody asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from nuit.db import db
from nuit.models import Booking, Company, Device, Edition, Host, Member, Membership, Seat, Slot, Visit
from nuit.views.assets import asset
from nuit.views.door_app import part as door_part
from tests.factories import csrf
from tests.roles import DESK_A, EVERYONE, LINES, TEAM, Line
from tests.typed import forms
from tests.world import ROLES, World, a_world, empty

SENTENCE = {400, 409, 410, 415, 422}
HUGE = "9" * 30
EXTRA = {
    "role": "organiser", "capacity": "999", "taken": "0", "safety_limit": "999", "state": "published", "status": "open",
    "company_id": "1", "host_id": "1", "edition_id": "1", "member_id": "1", "is_current": "1", "is_example": "0",
    "is_published": "1", "email": "intrus@exemple.ch", "epoch": "9", "slug": "intrus", "proposed_at": "2020-01-01",
}  # fmt: skip


def rules(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.endpoint}", method, rule


def test_every_route_has_its_line(app: Flask) -> None:
    routes = {name for name, _method, _rule in rules(app)}
    assert sorted(routes - set(LINES)) == []
    assert sorted(set(LINES) - routes) == []


def address(world: World, rule: Rule, line: Line, **other: Any) -> str:
    """The address of a route, filled from the world, the line, and what this test wants otherwise."""
    found = {}
    for part in rule.arguments:
        value = line.parts.get(part, part)
        found[part] = world.values.get(value, value) if isinstance(value, str) else value
    with world.app.test_request_context():
        path = url_for(rule.endpoint, **{**found, **other})
    asked = {name: world.values.get(value, value) for name, value in parse_qsl(line.query)}
    return f"{path}?{urlencode(asked)}" if asked else path


def asked(world: World, client: FlaskClient, method: str, path: str, line: Line) -> TestResponse:
    answer = _asked(world, client, method, path, line)
    answer.get_data()
    answer.close()
    return answer


def _asked(world: World, client: FlaskClient, method: str, path: str, line: Line) -> TestResponse:
    if method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        return client.open(path, method=method, json=_document(world, line))
    token = csrf(client.get("/connexion/").get_data(as_text=True))
    form = {name: world.values.get(value, value) for name, value in line.form.items()}
    return client.post(path, data={"csrf_token": token, **form})


def _document(world: World, line: Line) -> Any:
    if line.json != "scans":
        return line.json
    now = datetime.now(UTC).isoformat()
    scan = {"nonce": "nonce-0001", "code": "AAAA2222", "at": now}
    return {"now": now, "scans": [scan], "host": world.values["slug"]}


def outcome(answer: TestResponse, method: str) -> str:
    """answered, sign-in, hidden, 401, or the status where it is none of these."""
    status = answer.status_code
    if status == 303 and "/connexion/?next=" in (answer.location or ""):
        return "sign-in"
    if status == 404:
        return "hidden"
    if status < 400 or (method != "GET" and status in SENTENCE):
        return "answered"
    return str(status)


def filled(world: World) -> World:
    """Addresses of sheets and modules carry hashes, which the app knows."""
    with world.app.test_request_context():
        world.values["version"] = asset("nuit.css").split("/")[2]
        world.values["door_version"] = door_part("door.js").split("/")[3]
    return world


@pytest.mark.parametrize("name", LINES)
def test_who_may(app: Flask, name: str) -> None:
    line = LINES[name]
    _name, method, rule = next(one for one in rules(app) if one[0] == name)
    world = filled(a_world(app))
    found, wanted = {}, {}
    for role in sorted(ROLES, key=lambda role: role in line.who):
        if method != "GET" and role in line.who and line.who != EVERYONE:
            empty()
            world = filled(a_world(app))
        signed_in = role in world.emails
        wanted[role] = "answered" if role in line.who else "hidden" if signed_in else line.strangers
        found[role] = outcome(asked(world, world.browser(role), method, address(world, rule, line), line), method)
    assert found == wanted


def _with_ids(app: Flask) -> list[str]:
    return [name for name, _method, rule in rules(app) if any(part.endswith("_id") for part in rule.arguments)]


def test_there_are_routes_with_ids(app: Flask) -> None:
    assert len(_with_ids(app)) > 15


@pytest.mark.parametrize("name", [name for name in LINES if LINES[name].who in (DESK_A, TEAM)])
def test_ids_that_name_nothing(app: Flask, name: str) -> None:
    """Thirty digits, zero, and the ids of company B: 404 for everybody, whatever the method."""
    _name, method, rule = next(one for one in rules(app) if one[0] == name)
    ids = [part for part in rule.arguments if part.endswith("_id")]
    if not ids:
        return
    world = filled(a_world(app))
    line = LINES[name]
    client = world.browser("organiser")
    plain = address(world, rule, line)
    for part in ids:
        for other in (HUGE, "0", str(2**63 - 1), "-1"):
            path = plain.replace(f"/{world.values[part]}", f"/{other}", 1) if part != "slug" else plain
            assert asked(world, client, method, path, line).status_code == 404, path


@pytest.mark.parametrize("name", [name for name in LINES if name.split(".")[0].endswith(" host")])
def test_what_belongs_to_another_company_does_not_exist(app: Flask, name: str) -> None:
    """Company A's things under company B's address, asked by B's own contact."""
    _name, method, rule = next(one for one in rules(app) if one[0] == name)
    if not any(part.endswith("_id") for part in rule.arguments):
        return
    world = a_world(app)
    path = address(world, rule, LINES[name], slug=world.b.company.slug)
    assert asked(world, world.browser("host_b"), method, path, LINES[name]).status_code == 404


def standing() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that no form of a page may change unasked, without ids and times."""
    columns = {
        "roles": (Member.email, Membership.role, Membership.company_id.is_(None)),
        "companies": (Company.slug, Company.name, Company.is_example),
        "hosts": (Company.slug, Host.state, Host.proposed_at.is_(None), Host.safety_limit),
        "visits": (Company.slug, Visit.minutes, Visit.position),
        "slots": (Company.slug, Slot.starts_at, Slot.capacity, Slot.taken, Slot.safety_limit, Slot.status),
        "editions": (Edition.name, Edition.is_current, Edition.is_example, Edition.max_party),
        "bookings": (Booking.name, Booking.email, Booking.state, Booking.epoch),
        "seats": (Seat.status,),
        "devices": (Device.name, Device.revoked_at.is_(None), Device.token_hash.is_(None)),
    }
    joins = {
        "roles": select(*columns["roles"]).join_from(Member, Membership),
        "hosts": select(*columns["hosts"]).join_from(Host, Company),
        "visits": select(*columns["visits"]).join_from(Visit, Host).join(Company),
        "slots": select(*columns["slots"]).join_from(Slot, Host, Slot.host_id == Host.id).join(Company),
    }
    db.session.rollback()
    return {
        name: sorted(tuple(map(str, row)) for row in db.session.execute(joins.get(name, select(*of))))
        for name, of in columns.items()
    }


PAGES = [name for name in LINES if name.startswith("GET ") and LINES[name].who in (DESK_A, TEAM)]


@pytest.mark.parametrize("name", PAGES)
def test_fields_nobody_asked_for_change_nothing(app: Flask, name: str) -> None:
    """Every form of a page, sent as it stands: with fields of our tables added it does exactly the same."""
    _name, _method, rule = next(one for one in rules(app) if one[0] == name)
    line, role = LINES[name], "host_a" if "host_a" in LINES[name].who else "organiser"
    count = len(forms(a_page(app, rule, line, role)[1]))
    for number in range(count):
        ends = []
        for more in ({}, EXTRA):
            empty()
            client, page = a_page(app, rule, line, role)
            action, fields = forms(page)[number]
            if "/connexion/" in action:
                break
            for field, value in more.items():
                if field not in fields:
                    fields.add(field, value)
            answer = client.post(action.split("#")[0] or rule.rule, data=fields)
            assert answer.status_code < 500
            ends.append((answer.status_code, standing()))
        if len(ends) == 2:
            assert ends[0] == ends[1], action


def a_page(app: Flask, rule: Rule, line: Line, role: str) -> tuple[FlaskClient, str]:
    world = filled(a_world(app))
    client = world.browser(role)
    answer = client.get(address(world, rule, line))
    return client, answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""  # paper has no forms


def test_a_refused_question_leaves_nothing_behind(app: Flask) -> None:
    """A stranger's cancelling, removing and pairing at company A write no row anywhere."""
    world = a_world(app)
    client = world.browser("host_b")
    before, devices = standing(), db.session.scalar(select(func.count()).select_from(Device))
    for name in LINES:
        if name.startswith("POST host."):
            _name, method, rule = next(one for one in rules(app) if one[0] == name)
            asked(world, client, method, address(world, rule, LINES[name]), LINES[name])
    assert standing() == before
    assert db.session.scalar(select(func.count()).select_from(Device)) == devices
