"""The door's page and its parts: one version for all modules, WebAssembly for the worker alone, phones for organisers."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.db import db
from nuit.models import Device
from nuit.queries.member import device_by_token
from nuit.views.door import PARTS, part
from tests.factories import a_host, a_member, an_edition, csrf, signed_in


def policy(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.headers["Content-Security-Policy"]


def test_only_the_workers_own_response_may_compile_webassembly(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        modules = {path.name: part(path.name) for path in PARTS.iterdir()}
    allowed = {name for name, address in modules.items() if "'wasm-unsafe-eval'" in policy(client, address)}
    assert allowed == {"reader-worker.js"}
    assert "'wasm-unsafe-eval'" not in policy(client, "/porte")
    assert "'unsafe-inline'" not in policy(client, "/porte")


def test_the_parts_may_be_kept_for_ever_because_their_address_changes(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = part("door.js")
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert address in client.get("/porte").get_data(as_text=True)


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fdoor.py", "%2e%2e/%2e%2e/config.py", "judge.py", "", "."])
def test_nothing_else_is_served(app: Flask, client: FlaskClient, name: str) -> None:
    with app.test_request_context():
        folder = part("door.js").removesuffix("door.js")
    assert client.get(folder + name).status_code == 404
    assert client.get(f"/porte/app/000000000000/{name or 'door.js'}").status_code == 404


def test_each_module_imports_only_what_is_there() -> None:
    missing = [
        f"{path.name} imports {name}"
        for path in PARTS.glob("*.js")
        for name in re.findall(r'(?:from|import\() ?"([^"]+)"', path.read_text())
        if not (PARTS.parents[1] / name.removeprefix("/") if name.startswith("/") else PARTS / name).is_file()
    ]
    assert missing == []


def test_every_sentence_of_the_app_is_on_its_page(client: FlaskClient, app: Flask) -> None:
    an_edition()
    page = unescape(client.get("/porte").get_data(as_text=True))
    used = {key for path in PARTS.glob("*.js") for key in re.findall(r'\bsay\("(\w+)"', path.read_text())} | {
        f"{key}_{number}"
        for path in PARTS.glob("*.js")
        for key in re.findall(r'\bcount\("(\w+)"', path.read_text())
        for number in ("one", "many")
    }
    assert len(used) > 30
    assert [key for key in sorted(used) if f'"{key}": ' not in page] == []


def test_an_organiser_pairs_and_cuts(app: Flask, client: FlaskClient) -> None:
    host = a_host(an_edition())
    organiser = signed_in(client, a_member("organiser"))
    page = organiser.get("/porte/appareils").get_data(as_text=True)
    answer = organiser.post("/porte/appareils", data={"csrf_token": csrf(page), "door": host.company.slug})
    assert answer.status_code == 303
    page = organiser.get("/porte/appareils").get_data(as_text=True)
    code = "".join(re.findall(r'class="num">(\w{4}) (\w{4})<', page)[0])
    paired = app.test_client().post("/api/v1/devices", json={"pairing_code": code, "name": "Nord"})
    token = paired.get_json()["device_token"]
    device = db.session.scalars(select(Device)).one()
    assert device_by_token(token) == device
    assert "Nord" in organiser.get("/porte/appareils").get_data(as_text=True)
    cut = organiser.post(f"/porte/appareils/{device.id}/couper", data={"csrf_token": csrf(page)})
    assert cut.status_code == 303
    assert device_by_token(token) is None


@pytest.mark.parametrize(("role", "status"), [(None, 303), ("host", 404), ("volunteer", 404), ("organiser", 200)])
def test_phones_are_the_organisers(app: Flask, client: FlaskClient, role: str | None, status: int) -> None:
    host = a_host(an_edition())
    if role:
        signed_in(client, a_member(role, host if role == "host" else None))
    assert client.get("/porte/appareils").status_code == status


@pytest.mark.parametrize("door", ["", "nowhere", "../x"])
def test_no_phone_is_paired_with_a_door_that_is_none(app: Flask, client: FlaskClient, door: str) -> None:
    a_host(an_edition())
    organiser = signed_in(client, a_member("organiser"))
    page = organiser.get("/porte/appareils").get_data(as_text=True)
    assert organiser.post("/porte/appareils", data={"csrf_token": csrf(page), "door": door}).status_code == 404
    address = f"/porte/appareils/{10**29}/couper"
    assert organiser.post(address, data={"csrf_token": csrf(page)}).status_code == 404


def test_the_door_opens_for_anybody_and_shows_nobody(app: Flask, client: FlaskClient) -> None:
    host = a_host(an_edition(), "Fonderie")
    assert "Fonderie" not in client.get("/porte").get_data(as_text=True)
    volunteer = signed_in(client, a_member("volunteer"))
    assert f'data-host="{host.company.slug}"' in volunteer.get("/porte").get_data(as_text=True)
    a_host(host.edition, "Câblerie")
    page = volunteer.get("/porte").get_data(as_text=True)
    assert "data-host" not in page
    assert ("Fonderie" in page, "Câblerie" in page) == (True, True)


def test_without_an_edition_the_door_still_opens(app: Flask, client: FlaskClient) -> None:
    assert client.get("/porte").status_code == 200
    assert signed_in(client, a_member("volunteer")).get("/porte").status_code == 200
