"""The guide of a company: five short steps, each saved at once, in the company's language."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.db import db
from nuit.models import Edition, Host, Member, Slot, Visit
from nuit.planning.guide import STEPS, Way, way_of
from nuit.queries.desk import gaps_of, host_for_desk, visits_for_desk
from tests.factories import NOW, a_host, a_member, an_edition, csrf, signed_in
from tests.team import cost, page, send, words
from tests.typed import typed


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def invited(client: FlaskClient, locale: str = "fr") -> tuple[Edition, Host, str]:
    """A company that is there by its name only, its contact signed in, and the address of its guide."""
    edition = an_edition()
    host = a_host(
        edition, "Fonderie de la Morge", state="draft", address="", postcode="", town="", lon=edition.start_lon,
        lat=edition.start_lat,
    )  # fmt: skip
    member = a_member("host", host)
    member.locale = locale
    db.session.commit()
    signed_in(client, db.session.get_one(Member, member.id))
    return edition, host, f"/espace/{host.company.slug}/guide"


def kinds(edition: Edition, host: Host) -> list[str]:
    """What keeps the company from being published."""
    fresh = host_for_desk(host.id)
    assert fresh is not None
    return [gap.kind for gap in gaps_of(edition, fresh) if not gap.is_advisable]


def test_how_far_one_is() -> None:
    assert way_of(["summary", "address", "place", "visit"], has_visit=False) == Way(STEPS, False)
    half = way_of(["slot", "conditions"], has_visit=True)
    assert (half.open, half.done, half.minutes, half.next) == (("departs", "public"), 3, 3, "departs")
    assert (half.after("qui"), half.after("public")) == ("porte", None)
    assert [one for one in STEPS if way_of([], has_visit=False).may(one)] == ["qui", "porte", "visite"]
    assert way_of([], has_visit=True).next is None


def test_five_steps_and_nothing_is_missing(client: FlaskClient) -> None:
    edition, host, guide = invited(client)
    assert client.get(guide).location == f"{guide}/qui"
    said = words(send(client, f"{guide}/qui", summary__fr="On coule l’aluminium.", contact_phone="027 000 00 00"))
    assert "Enregistré. " in said
    assert "Étape 2 sur 5 · encore 7 minutes environ" in said
    near = typed(page(client, f"{guide}/porte"), "/porte", address="Rue 1", town="Sion", near="Champsec", action="near")
    moved = client.post(f"{guide}/porte", data=near)
    assert moved.status_code == 200
    client.post(f"{guide}/porte", data=typed(moved.get_data(as_text=True), "/porte"))
    assert client.get(guide).location == f"{guide}/visite"
    send(client, f"{guide}/visite", title__fr="Couler un lingot", minutes="40")
    looked = client.post(
        f"{guide}/departs",
        data=typed(
            page(client, f"{guide}/departs"), "/departs", first="18:00", last="20:00", every="60", action="preview"
        ),
    )
    added = client.post(f"{guide}/departs", data=typed(looked.get_data(as_text=True), "/departs", action="add"))
    assert added.location == f"{guide}/public"
    done = words(send(client, f"{guide}/public", is_unconditional="y"))
    assert "Tout est là. Relisez, puis proposez votre page." in done
    assert "Proposer votre page" in done
    assert kinds(edition, host) == []
    assert len(db.session.scalars(select(Slot).where(Slot.host_id == host.id)).all()) == 3


def test_each_step_is_kept_when_one_stops(client: FlaskClient) -> None:
    edition, host, guide = invited(client)
    send(client, f"{guide}/qui", summary__fr="On coule.")
    client.post("/connexion/sortie", data={"csrf_token": csrf(page(client, guide + "/porte"))})
    signed_in(client, a_member("host", host))
    assert client.get(guide).location == f"{guide}/porte"
    assert "On coule." in page(client, f"{guide}/qui")
    assert kinds(edition, host) == ["address", "place", "visit"]


def test_a_company_writes_in_its_own_language(client: FlaskClient) -> None:
    _edition, host, guide = invited(client, "de")
    said = page(client, f"{guide}/qui")
    assert '<html lang="de-CH"' in said
    assert 'value="de" form="aucun" checked' in said
    send(client, f"{guide}/qui", summary__de="Wir giessen Aluminium.")
    fresh = host_for_desk(host.id)
    assert fresh is not None
    assert fresh.company.summary == {"de": "Wir giessen Aluminium."}
    send(client, f"{guide}/visite", title__de="Einen Barren giessen", minutes="40")
    assert [one.languages for one in visits_for_desk(host.id)] == [["de"]]


@pytest.mark.parametrize(
    ("step", "changes", "sentence"),
    [
        ("qui", {"summary-fr": ""}, "Dites en une phrase ce que les visiteurs verront."),
        ("porte", {"address": ""}, "Tapez la rue de la porte où l’on entre."),
        ("visite", {"title-fr": "", "minutes": "40"}, "Donnez un titre, par exemple « Couler l’aluminium »."),
    ],
)
def test_what_does_not_fit_is_said_at_its_step(
    client: FlaskClient, step: str, changes: dict[str, str], sentence: str
) -> None:
    _edition, _host, guide = invited(client)
    fields = typed(page(client, f"{guide}/{step}"), f"/{step}", changes)
    answer = client.post(f"{guide}/{step}", data=fields)
    assert answer.status_code == 422
    assert sentence in words(answer.get_data(as_text=True))


def test_departures_and_conditions_wait_for_a_visit(client: FlaskClient) -> None:
    _edition, _host, guide = invited(client)
    token = csrf(page(client, f"{guide}/qui"))
    for step in ("departs", "public"):
        assert client.get(f"{guide}/{step}").location == f"{guide}/visite"
        assert client.post(f"{guide}/{step}", data={"csrf_token": token}).location == f"{guide}/visite"
    assert db.session.scalars(select(Visit)).all() == []
    assert client.get(f"{guide}/inconnu").status_code == 404


def test_somebody_else_s_words_are_not_written_over(client: FlaskClient) -> None:
    _edition, host, guide = invited(client)
    mine = typed(page(client, f"{guide}/qui"), "/qui", summary__fr="Le mien")
    send(client, f"{guide}/qui", summary__fr="Le sien")
    answer = client.post(f"{guide}/qui", data=mine)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Quelqu’un a modifié cette fiche entre-temps" in words(html)
    assert typed(html, "/qui")["summary-fr"] == "Le mien"
    assert client.post(f"{guide}/qui", data=typed(html, "/qui")).status_code == 303
    fresh = host_for_desk(host.id)
    assert fresh is not None
    assert fresh.company.summary == {"fr": "Le mien"}


def test_a_step_leaves_the_rest_alone(client: FlaskClient) -> None:
    _edition, host, guide = invited(client)
    db.session.get_one(Host, host.id).bike_parking = 7
    db.session.commit()
    send(client, f"{guide}/qui", summary__fr="On coule.")
    assert db.session.get_one(Host, host.id, populate_existing=True).bike_parking == 7


def test_a_step_costs_the_same_with_more_departures(client: FlaskClient) -> None:
    _edition, _host, guide = invited(client)
    send(client, f"{guide}/visite", title__fr="Couler", minutes="40")
    at_one = cost(client, f"{guide}/departs")
    for hour in ("18:00", "19:00", "20:00"):
        form = typed(page(client, f"{guide}/departs"), "/departs", first=hour, action="add")
        assert client.post(f"{guide}/departs", data=form).status_code == 303
    assert cost(client, f"{guide}/departs") == at_one
