"""All departures of a night in one table: what stands where, in words; two statements however many there are."""

from datetime import timedelta

from flask.testing import FlaskClient

from nuit.planning.frieze import frieze
from nuit.queries.team.slots import marks
from tests.factories import OPENS, a_booking, a_host, a_slot, a_visit
from tests.team import at_the_desk, cost, page, words


def test_departures_stand_in_their_half_hour_with_their_figures(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    one, other = a_visit(a_host(edition, "Brasserie")), a_visit(a_host(edition, "atelier"))
    a_host(edition, "Sans départ")
    early, twin = a_slot(one, timedelta(minutes=5)), a_slot(one, timedelta(minutes=25), status="cancelled", capacity=0)
    late = a_slot(other, timedelta(minutes=60), capacity=2)
    a_slot(a_visit(a_host(edition, "Retirée", state="withdrawn")), timedelta(minutes=90))
    a_booking(edition, early, late, size=2)
    a_booking(edition, size=3, slots=(), waits=(late.id,))
    found = frieze(marks(edition.id))
    assert found.columns == (OPENS, OPENS + timedelta(hours=1))
    cells = [[[mark.id for mark in cell] for cell in row.cells] for row in found.rows]
    assert [row.company for row in found.rows] == ["atelier", "Brasserie"]
    assert cells == [[[], [late.id]], [[early.id, twin.id], []]]
    said = words(page(client, "/equipe/creneaux/frise"))
    assert [said.count(one) for one in ("2/2 complet +3 en attente", "2/12", "0/0 annulé")] == [1, 1, 1]


def test_it_takes_as_many_statements_for_three_as_for_one(client: FlaskClient) -> None:
    edition, _member = at_the_desk(client)
    costs = []
    for count in (1, 2):
        for number in range(count):
            a_slot(a_visit(a_host(edition)), timedelta(hours=number))
        costs.append(cost(client, "/equipe/creneaux/frise"))
    assert costs[0] == costs[1]


def test_a_night_without_departures_says_so(client: FlaskClient) -> None:
    at_the_desk(client)
    assert words(page(client, "/equipe/creneaux/frise")).count("Aucun départ encore.") == 1
