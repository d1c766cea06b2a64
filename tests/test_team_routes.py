"""Loops: stops chosen and moved before anything is saved, drawn, published; two people at once are told."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from nuit.actions.route import add_route, change_route
from nuit.db import db
from nuit.errors import ChangedMeanwhile, NoWay
from nuit.models import Edition, Host, Route
from nuit.planning.draft import RouteDraft, StopDraft
from nuit.queries.ride import network
from tests.factories import NOW, a_host, a_visit, an_edition
from tests.team import at_the_desk, cost, page, send, trail, words
from tests.typed import typed

LIST = "/equipe/parcours/"
NEW = LIST + "ajouter"
STATION = StopDraft(None, {"fr": "Gare", "de": "Bahnhof"}, 7.359, 46.2275)


@pytest.fixture(autouse=True)
def before_the_night() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def draft(*stops: StopDraft, **values: Any) -> RouteDraft:
    chosen: dict[str, Any] = {
        "name": {"fr": "Ronquoz, la boucle"}, "summary": {}, "colour": "#46c08d", "is_closed": True,
        "is_published": False, "stops": stops, **values,
    }  # fmt: skip
    return RouteDraft(**chosen)


def at(host: Host) -> StopDraft:
    return StopDraft(host.id, {}, None, None)


def two_hosts(edition: Edition) -> tuple[Host, Host]:
    return (
        a_host(edition, "Fonderie", lon=7.3401, lat=46.2201),
        a_host(edition, "Laiterie", lon=7.3812, lat=46.2300, state="draft"),
    )


def only_route() -> Route:
    db.session.expire_all()
    return db.session.scalars(select(Route)).one()


def stops(route: Route) -> list[str]:
    return [stop.host.company.name if stop.host else stop.name["fr"] for stop in route.stops]


def test_a_loop_is_made_and_drawn(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    revision = edition.revision
    send(client, NEW, **{"name-fr": "Ronquoz, l’été", "name-de": "Im Sommer", "stop": [f"h{first.id}", "pGare", f"h{second.id}"],
                         "is_published": "y", "colour": "#112233"})  # fmt: skip
    route = only_route()
    assert (route.slug, route.is_published, route.is_closed, route.colour) == ("ronquoz-l-ete", True, True, "#112233")
    assert stops(route) == ["Fonderie", "Gare", "Laiterie"]
    assert route.name == {"fr": "Ronquoz, l’été", "de": "Im Sommer"}
    assert (route.track["revision"], len(route.track["legs"])) == (network().revision, 3)
    assert route.track["metres"] == sum(leg["metres"] for leg in route.track["legs"])
    assert db.session.get_one(Edition, edition.id).revision == revision + 1
    assert trail()[-1] == ("add", "route")
    assert client.get("/fr/parcours/ronquoz-l-ete").status_code == 200


def shown(html: str) -> list[str]:
    return [value for name, value in typed(html, NEW).items(multi=True) if name == "stop"]


def test_moving_stops_saves_nothing(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    start = [f"h{first.id}", f"h{second.id}", "pGare"]

    def push(act: str, **more: str) -> str:
        fields = typed(page(client, NEW), NEW, {"name-fr": "Boucle", "stop": start, "act": act, **more})
        answer = client.post(NEW, data=fields)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    assert shown(push("down-0")) == [start[1], start[0], start[2]]
    assert shown(push("up-2")) == [start[0], start[2], start[1]]
    assert shown(push("up-0")) == shown(push("down-2")) == shown(push("up-9")) == shown(push("drop-x")) == start
    assert shown(push("drop-1")) == [start[0], start[2]]
    assert shown(push("add", add="pAéroport")) == [*start, "pAéroport"]
    assert shown(push("add", add="h999999")) == start
    html = push("draw")
    assert 'value="Boucle"' in html
    said = words(html)
    assert ("distance" in said, "à vélo" in said, "puis" in said) == (True, True, True)
    assert db.session.scalars(select(Route)).all() == []


def test_the_trial_tells_what_saving_will_keep(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    fields = typed(
        page(client, NEW), NEW, {"name-fr": "Boucle", "stop": [f"h{first.id}", f"h{second.id}"], "act": "draw"}
    )
    trial = words(client.post(NEW, data=fields).get_data(as_text=True))
    fields.pop("act")
    client.post(NEW, data=fields)
    track = only_route().track
    km = f"{track['metres'] / 1000:.1f} km".replace(".", ",")
    assert (km in trial, f"{track['climb']} m" in trial, f"{round(100 * track['lit'])} %" in trial) == (
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name-fr": ""}, "Donnez un nom au parcours, en français."),
        ({"name-fr": "Boucle", "is_published": "y", "stop": ["pGare"]}, "Un parcours se montre dès deux étapes."),
        ({"name-fr": "Boucle", "colour": "red;}"}, "Une couleur, par exemple"),
        ({"name-fr": "Boucle", "stop": ["pGare"] * 30}, "Au plus 20 étapes."),
    ],
)
def test_what_does_not_fit_is_said(client: FlaskClient, fields: dict[str, Any], sentence: str) -> None:
    at_the_desk(client)
    assert sentence in words(send(client, NEW, expect=422, **fields))
    assert db.session.scalars(select(Route)).all() == []


def test_where_no_street_leads_nothing_is_saved(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, _second = two_hosts(edition)
    far = a_host(edition, "Genève", lon=6.1432, lat=46.2044)
    html = send(client, NEW, expect=409, **{"name-fr": "Loin", "stop": [f"h{first.id}", f"h{far.id}"]})
    assert "Aucune rue de la carte ne relie ces étapes." in words(html)
    assert shown(html) == [f"h{first.id}", f"h{far.id}"]
    with pytest.raises(NoWay):
        add_route(edition.id, draft(at(first), at(far)), now=NOW, by=None)
    assert db.session.scalars(select(Route)).all() == []


def test_a_loop_is_changed_and_drawn_anew(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    route = add_route(edition.id, draft(STATION, at(first)), now=NOW, by=None)
    before, own = route.track["metres"], route.stops[0].id
    address = LIST + route.slug
    send(client, address, stop=[f"s{own}", f"h{second.id}", f"h{first.id}"], name__de="Schleife")
    found = only_route()
    assert (stops(found), found.stops[0].name) == (["Gare", "Laiterie", "Fonderie"], STATION.name)
    assert (found.version, found.name["de"], found.track["metres"] > before) == (2, "Schleife", True)
    assert (found.stops[0].lon, found.stops[0].lat) == (STATION.lon, STATION.lat)


def test_the_second_to_save_is_told_and_compares(client: FlaskClient) -> None:
    edition, member = at_the_desk(client)
    first, second = two_hosts(edition)
    route = add_route(edition.id, draft(at(first), at(second)), now=NOW, by=None)
    address = LIST + route.slug
    fields = typed(page(client, address), address, {"name-fr": "La mienne"})
    change_route(route.id, draft(at(second), at(first), name={"fr": "La tienne"}), version=1, now=NOW, by=member.id)
    answer = client.post(address, data=fields)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409
    said = words(html)
    assert "Quelqu’un a modifié cette fiche entre-temps." in said
    assert "La tienne" in said
    assert 'value="La mienne"' in html
    assert only_route().name == {"fr": "La tienne"}
    assert client.post(address, data=typed(html, address)).status_code == 303
    assert only_route().name == {"fr": "La mienne"}


def test_a_loop_is_drawn_over_the_streets_of_today(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    route = add_route(edition.id, draft(*(at(one) for one in two_hosts(edition))), now=NOW, by=None)
    kept = route.track
    route.track = {**kept, "revision": "old", "metres": 1}
    db.session.commit()
    assert "Tracer" in words(page(client, LIST))
    answer = client.post(f"{LIST}{route.slug}/tracer", data=typed(page(client, LIST), f"{route.slug}/tracer"))
    assert "Tracé sur les rues d’aujourd’hui." in words(page(client, answer.location))
    assert only_route().track == kept


def test_a_loop_is_removed_by_who_has_seen_it(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    route = add_route(edition.id, draft(*(at(one) for one in two_hosts(edition))), now=NOW, by=None)
    address = LIST + route.slug
    fields = typed(page(client, address), f"{address}/supprimer")
    change_route(route.id, draft(name={"fr": "Autre"}), version=1, now=NOW, by=None)
    assert client.post(f"{address}/supprimer", data=fields).status_code == 409
    assert client.post(f"{address}/supprimer", data={**fields, "version": "x"}).status_code == 409
    fields = typed(page(client, address), f"{address}/supprimer")
    assert client.post(f"{address}/supprimer", data=fields).status_code == 303
    assert db.session.scalars(select(Route)).all() == []
    assert trail()[-1] == ("remove", "route")


def test_nobody_overwrites_unseen(client: FlaskClient) -> None:
    edition = an_edition()
    route = add_route(edition.id, draft(), now=NOW, by=None)
    with pytest.raises(ChangedMeanwhile):
        change_route(route.id, draft(), version=0, now=NOW, by=None)


def test_slugs_are_never_taken_twice(client: FlaskClient) -> None:
    edition = an_edition()
    names = ["Boucle", "boucle", "Ajouter"]
    made = [add_route(edition.id, draft(name={"fr": name}), now=NOW, by=None) for name in names]
    assert [one.slug for one in made] == ["boucle", "boucle-2", "ajouter-2"]
    assert [one.position for one in made] == [1, 2, 3]


def test_the_list_costs_the_same_at_one_and_at_three(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    add_route(edition.id, draft(at(first), at(second)), now=NOW, by=None)
    at_one = cost(client, LIST)
    for name in ("Deux", "Trois"):
        add_route(edition.id, draft(at(second), at(first), STATION, name={"fr": name}), now=NOW, by=None)
    assert cost(client, LIST) == at_one


def test_the_best_order_is_found_and_nothing_is_saved(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    places = [("A", 7.3401, 46.2201), ("B", 7.4040, 46.2325), ("C", 7.3500, 46.2230), ("D", 7.3812, 46.2300)]
    tokens = [f"h{a_host(edition, name, lon=lon, lat=lat).id}" for name, lon, lat in places]
    answer = send(client, NEW, stop=tokens, is_closed="", act="order", expect=200)
    assert shown(answer) == [tokens[0], tokens[2], tokens[3], tokens[1]]
    assert "Aucun autre ordre n’est plus rapide." in answer
    assert db.session.scalars(select(Route)).all() == []


def test_way_points_are_set_moved_and_kept(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    both = [f"h{first.id}", f"h{second.id}"]
    via = send(client, NEW, stop=both, is_closed="", act="via-w7.36000,46.22700", expect=200)
    assert shown(via) == [both[0], "w7.36000,46.22700", both[1]]
    north = send(client, NEW, stop=shown(via), is_closed="", act="north-1", expect=200)
    assert shown(north) == [both[0], "w7.36000,46.22745", both[1]]
    moved = send(client, NEW, stop=shown(via), act="move-1-w7.36100,46.22800", expect=200)
    assert shown(moved) == [both[0], "w7.36100,46.22800", both[1]]
    send(client, NEW, **{"name-fr": "Par le pont", "stop": shown(moved)})
    kept = only_route().stops[1]
    assert (kept.host_id, kept.name, kept.lon, kept.lat) == (None, {}, 7.361, 46.228)
    again = LIST + only_route().slug
    stopping = [value for name, value in typed(page(client, again), again).items(multi=True) if name == "stop"]
    assert stopping == [both[0], "w7.36100,46.22800", both[1]]


@pytest.mark.parametrize("act", ["via-w9.00000,46.22700", "via-w7.3,46.2", "via-x", "move-0-w7.36100,46.22800",
                                 "move-99-w7.36100,46.22800", "north-0", "north-x", "pick-h999999"])  # fmt: skip
def test_what_cannot_be_moves_nothing(client: FlaskClient, act: str) -> None:
    edition, _member = at_the_desk(client)
    both = [f"h{host.id}" for host in two_hosts(edition)]
    assert shown(send(client, NEW, stop=both, act=act, expect=200)) == both


def test_picking_on_the_map_adds_at_the_end_and_the_map_follows(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    html = send(client, NEW, stop=[f"h{first.id}"], act=f"pick-h{second.id}", expect=200)
    assert shown(html) == [f"h{first.id}", f"h{second.id}"]
    address = html.split('data-names="')[1].split('"')[0].replace("&amp;", "&")
    told = client.get(address).get_json()["features"]
    assert [(one["id"], one["properties"].get("number")) for one in told] == [
        ("start", 0), ("t1", 1), ("t2", 2), ("trace", None),
    ]  # fmt: skip


def test_a_way_point_is_a_pin_of_its_own(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    first, second = two_hosts(edition)
    chosen = [f"h{first.id}", "w7.36000,46.22700", f"h{second.id}"]
    html = send(client, NEW, stop=chosen, act="draw", expect=200)
    told = client.get(html.split('data-names="')[1].split('"')[0].replace("&amp;", "&")).get_json()["features"]
    assert [(one["id"], one["properties"].get("kind")) for one in told] == [
        ("start", "start"), ("t1", "stop"), ("t2", "via"), ("t3", "stop"), ("trace", None),
    ]  # fmt: skip


def test_a_loop_that_outlasts_the_night_is_told(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    hosts = two_hosts(edition)
    for host in hosts:
        a_visit(host, minutes=75)
    late = "après la fermeture à"
    assert late not in send(client, NEW, stop=[f"h{host.id}" for host in hosts], act="draw", expect=200)
    a_visit(third := a_host(edition, "Longue", lon=7.36, lat=46.23), minutes=240)
    stops_now = [f"h{host.id}" for host in (*hosts, third)]
    assert late in send(client, NEW, stop=stops_now, act="draw", expect=200)
