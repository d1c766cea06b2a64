"""The door's page and its parts: one version for all modules, WebAssembly for the worker alone, phones for organisers."""

import json
import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from nuit.db import db
from nuit.models import Device
from nuit.queries.member import device_by_token
from nuit.views.door_app import PARTS, part
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


def test_the_page_is_the_same_for_everybody_and_the_doors_are_ones_own(app: Flask, client: FlaskClient) -> None:
    fonderie = a_host(an_edition(), "Fonderie")
    nobody = client.get("/porte").get_data(as_text=True)
    assert client.get("/porte/portes").get_json() == {"doors": []}
    volunteer = signed_in(client, a_member("volunteer"))
    a_host(fonderie.edition, "Câblerie")
    assert volunteer.get("/porte").get_data(as_text=True) == nobody
    answer = volunteer.get("/porte/portes")
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one["company"] for one in answer.get_json()["doors"]] == ["Câblerie", "Fonderie"]
    own = signed_in(app.test_client(), a_member("host", fonderie)).get("/porte/portes").get_json()
    assert own == {"doors": [{"slug": fonderie.company.slug, "company": "Fonderie"}]}


@pytest.mark.parametrize("tongue", ["fr", "de", "en"])
def test_the_service_worker_names_every_part_and_the_page_it_belongs_to(client: FlaskClient, tongue: str) -> None:
    an_edition()
    answer = client.get(f"/porte/gardien-{tongue}.js")
    assert answer.headers["Service-Worker-Allowed"] == "/porte"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.content_type == "text/javascript; charset=utf-8"
    module, told = re.fullmatch(
        r'import \{ serve \} from "(.+)";\nserve\((.+)\);\n', answer.get_data(as_text=True)
    ).groups()  # type: ignore[union-attr]
    kept = json.loads(told)
    page = client.get("/porte", headers={"Accept-Language": tongue})
    assert page.headers["ETag"] == f'"{kept["page"]}"'
    assert kept["tongue"] == tongue
    asked = set(
        re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|woff2|svg|webmanifest)[^"]*)"', page.get_data(as_text=True))
    )
    asked |= {name for path in PARTS.glob("*.js") for name in re.findall(r'"(/static/[^"]+\.js)"', path.read_text())}
    assert asked - set(kept["files"]) == set()
    for address in (module, *kept["files"]):
        with client.get(address) as found:
            assert found.status_code == 200, address


def test_no_service_worker_speaks_another_language(client: FlaskClient) -> None:
    assert client.get("/porte/gardien-xx.js").status_code == 404


def test_the_manifest_opens_the_door_from_the_home_screen(client: FlaskClient) -> None:
    an_edition()
    answer = client.get("/porte/app.webmanifest", headers={"Accept-Language": "de"})
    told = answer.get_json()
    assert answer.content_type == "application/manifest+json; charset=utf-8"
    assert (told["start_url"], told["scope"], told["display"], told["lang"]) == ("/porte", "/porte", "standalone", "de")
    assert [(one["sizes"], one["purpose"]) for one in told["icons"]] == [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ]
    for one in told["icons"]:
        with client.get(one["src"]) as found:
            picture = Image.open(BytesIO(found.get_data()))
        assert (picture.format, f"{picture.width}x{picture.height}") == ("PNG", one["sizes"])


def test_signing_out_leaves_what_was_not_sent(client: FlaskClient) -> None:
    """ "storage" would take a door's unsent passages along; the list goes by a script of the sign-in page."""
    an_edition()
    member = signed_in(client, a_member("volunteer"))
    page = member.get("/connexion/").get_data(as_text=True)
    assert "forget.js" not in page
    answer = member.post("/connexion/sortie", data={"csrf_token": csrf(page)})
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "forget.js" in member.get("/connexion/").get_data(as_text=True)


def test_without_an_edition_the_door_still_opens(app: Flask, client: FlaskClient) -> None:
    assert client.get("/porte").status_code == 200
    assert signed_in(client, a_member("volunteer")).get("/porte").status_code == 200
