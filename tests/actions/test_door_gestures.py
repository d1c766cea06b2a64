"""The other gestures at a door: out and back, undo, another departure, people without a ticket; each leaves its row."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from nuit.actions.door import Gate, Outcome, check_in
from nuit.db import db
from nuit.models import Scan, Seat, Slot, Ticket
from nuit.planning.presence import Reading
from nuit.queries.door.count import Departure, departures, people_inside, standby
from nuit.queries.door.party import night_of
from tests.actions.test_door import EVENING, KEY, Night, at, stored, words
from tests.factories import OPENS, a_booking, a_slot

GIVEN = {"kind": "walk_in", "given": "admitted"}


@pytest.fixture
def night(app: Flask) -> Night:
    return Night()


def count(night: Night, slot: Slot | None = None) -> Departure:
    wanted = (slot or night.slot).id
    return next(one for one in departures(night.edition.id) if one.id == wanted)


def taken(slot: Slot) -> tuple[int, int]:
    db.session.expire_all()
    return slot.taken, slot.placed


def walk(night: Night, nonce: str, persons: int, minutes: int = 0, **parts: object) -> Outcome:
    reading = Reading(nonce, at(minutes), slot=night.slot.id, persons=persons, **{"kind": "walk_in", **parts})  # type: ignore[arg-type]
    return night.read(reading)[0]


def test_out_and_back_in(night: Night) -> None:
    token = night.token(night.tickets[0])
    night.read(Reading("nonce-001", at(-5), token))
    out = night.read(Reading("nonce-002", at(5), token, kind="out"))[0]
    assert (out.verdict.word, count(night).inside) == ("left", 0)
    assert db.session.scalar(select(Seat.left_at).where(Seat.left_at.is_not(None))) == at(5)
    back = night.read(Reading("nonce-003", at(20), token))[0]
    assert (back.verdict.word, back.verdict.reason, count(night).inside) == ("admitted", "back", 1)
    assert db.session.scalar(select(Seat.entered_at).where(Seat.entered_at.is_not(None))) == at(-5)


def test_an_undo_leaves_both_rows_and_nobody_inside(night: Night) -> None:
    night.read(Reading("nonce-001", at(-5), night.token(night.booking)))
    assert count(night).inside == 3
    undone = night.read(Reading("nonce-002", at(-4), kind="undo", target="nonce-001", reason="mauvais groupe"))[0]
    assert (undone.verdict.word, undone.booking) == ("undone", night.booking.id)
    assert (count(night).entered, count(night).inside) == (0, 0)
    rows = db.session.execute(select(Scan.nonce, Scan.kind, Scan.verdict, Scan.reason, Scan.target).order_by(Scan.id))
    assert [tuple(one) for one in rows] == [
        ("nonce-001", "in", "admitted", "", None),
        ("nonce-002", "undo", "undone", "mauvais groupe", "nonce-001"),
    ]
    again = night.read(Reading("nonce-001", at(-5), night.token(night.booking)))[0]
    assert (again.verdict.word, again.undone) == ("admitted", True)
    assert words(night.read(Reading("nonce-003", at(-3), night.token(night.tickets[0])))) == ["admitted"]


def test_an_undo_may_arrive_before_what_it_takes_back(night: Night) -> None:
    early = night.read(Reading("nonce-002", at(-4), kind="undo", target="nonce-001", reason="erreur"))[0]
    assert early.verdict.word == "unknown"
    assert words(night.read(Reading("nonce-001", at(-5), night.token(night.tickets[0])))) == ["admitted"]
    assert count(night).entered == 0
    assert stored() == [("nonce-001", "admitted", "admitted"), ("nonce-002", "undone", "unknown")]
    assert db.session.scalar(select(Scan.booking_id).where(Scan.nonce == "nonce-002")) == night.booking.id


def test_an_undo_from_another_door_takes_nothing_back(night: Night) -> None:
    night.read(Reading("nonce-001", at(-5), night.token(night.tickets[0])))
    reading = Reading("nonce-002", at(-4), kind="undo", target="nonce-001", reason="erreur")
    assert words(night.read(reading, door=night.cables.id)) == ["unknown"]
    assert count(night).entered == 1


def test_a_move_takes_places_in_the_next_departure_and_frees_those_of_before(night: Night) -> None:
    later = a_slot(night.slot.visit, timedelta(hours=2), capacity=3)
    move = Reading(
        "nonce-001", at(12), night.token(night.booking), kind="move", slot=later.id, reason="train en retard"
    )
    outcome = night.read(move)[0]
    assert [(one.verdict.word, one.entered) for one in outcome.answers] == [("moved", False)] * 3
    assert (taken(night.slot), taken(later), outcome.left) == ((0, 0), (3, 0), 0)
    assert {one.slot_id for one in db.session.scalars(select(Seat).where(Seat.status == "confirmed"))} == {
        later.id,
        night.later.id,
    }
    assert words(night.read(move)) == ["moved"]
    assert (taken(night.slot), taken(later)) == ((0, 0), (3, 0))
    assert words(night.read(Reading("nonce-002", at(55), night.token(night.tickets[0])))) == ["admitted"]
    assert (count(night).entered, count(night, later).entered) == (0, 1)


def test_a_move_is_for_the_whole_party_or_nobody(night: Night) -> None:
    later = a_slot(night.slot.visit, timedelta(hours=2), capacity=2)
    move = Reading("nonce-001", at(12), night.token(night.booking), kind="move", slot=later.id, reason="retard")
    assert words(night.read(move)) == ["full"]
    assert (taken(night.slot), taken(later)) == ((3, 0), (0, 0))
    one = Reading(
        "nonce-002", at(12), night.token(night.booking), kind="move", slot=later.id, reason="retard",
        who=frozenset({night.tickets[1].id}),
    )  # fmt: skip
    assert words(night.read(one)) == ["moved"]
    assert (taken(night.slot), taken(later)) == ((2, 0), (1, 0))


def test_who_is_inside_moves_nowhere_and_no_door_moves_to_anothers_departure(night: Night) -> None:
    token = night.token(night.tickets[0])
    elsewhere = Reading("nonce-001", at(-6), token, kind="move", slot=night.later.id, reason="retard")
    assert words(night.read(elsewhere)) == ["full"]
    night.read(Reading("nonce-002", at(-5), token))
    later = a_slot(night.slot.visit, timedelta(hours=2))
    assert words(night.read(Reading("nonce-003", at(1), token, kind="move", slot=later.id, reason="retard"))) == [
        "already_in"
    ]
    assert taken(later) == (0, 0)


def test_people_without_a_ticket_take_places_like_everybody(night: Night) -> None:
    let_in = walk(night, "nonce-001", 4)
    assert (let_in.verdict.word, let_in.left, taken(night.slot)) == ("admitted", 5, (7, 4))
    assert (count(night).walked_in, count(night).inside, count(night).over) == (4, 4, 0)
    refused = walk(night, "nonce-002", 6)
    assert (refused.verdict.word, refused.left, taken(night.slot)) == ("full", 5, (7, 4))
    assert walk(night, "nonce-001", 4).verdict.word == "admitted"
    assert taken(night.slot) == (7, 4)
    undo = night.read(Reading("nonce-003", at(2), kind="undo", target="nonce-001", reason="compté deux fois"))[0]
    assert (undo.verdict.word, taken(night.slot), count(night).inside) == ("undone", (3, 0), 0)


def test_walk_ins_without_network_count_beyond_the_capacity_and_never_oversell(night: Night) -> None:
    outcome = walk(night, "nonce-001", 11, **GIVEN)
    assert (outcome.verdict.word, taken(night.slot)) == ("admitted", (12, 9))
    assert (count(night).walked_in, count(night).over, count(night).left) == (11, 2, 0)
    assert walk(night, "nonce-002", 1).verdict.word == "full"
    assert walk(night, "nonce-003", 1, 1, kind="out").verdict.word == "left"
    assert count(night).inside == 10


def test_another_doors_departure_lets_nobody_walk_in(night: Night) -> None:
    reading = Reading("nonce-001", at(0), slot=night.later.id, persons=2, kind="walk_in", given="admitted")
    assert words(night.read(reading)) == ["unknown"]
    assert taken(night.later) == (3, 0)


def test_who_waits_is_called_in_order(night: Night) -> None:
    assert walk(night, "nonce-001", 2, kind="standby").verdict.word == "standby"
    walk(night, "nonce-002", 3, 1, kind="standby")
    assert [(one.nonce, one.persons) for one in standby(night.foundry.id)] == [("nonce-001", 2), ("nonce-002", 3)]
    assert count(night).standby == 5
    walk(night, "nonce-003", 2, 5, target="nonce-001")
    assert [one.nonce for one in standby(night.foundry.id)] == ["nonce-002"]
    assert (count(night).standby, taken(night.slot)) == (3, (5, 2))


def test_guests_against_the_list_count_in_the_departure_that_goes_on(night: Night) -> None:
    token = night.token(night.tickets[0])
    guest = night.read(Reading("nonce-001", at(60), token, reason="attend son père"), door=night.cables.id)[0]
    assert (guest.verdict.word, count(night, night.later).entered) == ("admitted", 1)
    db.session.delete(night.tickets[1].seats[1])
    db.session.commit()
    other = night.token(night.tickets[1])
    guest = night.read(Reading("nonce-002", at(-5), other, reason="sans place"), door=night.cables.id)[0]
    assert (guest.verdict.word, guest.slot, guest.persons) == ("admitted", night.later.id, 1)
    assert (count(night, night.later).walked_in, count(night, night.later).inside) == (1, 2)
    night.read(Reading("nonce-003", at(0), kind="undo", target="nonce-002", reason="erreur"), door=night.cables.id)
    assert (count(night, night.later).walked_in, count(night, night.later).inside) == (0, 1)


def test_names_of_those_inside(night: Night) -> None:
    night.read(Reading("nonce-001", at(-5), night.token(night.booking)))
    night.read(Reading("nonce-002", at(5), night.token(night.tickets[1]), kind="out"))
    assert [one.name for one in people_inside([night.slot.id])] == ["Personne 1", "Personne 3"]


def test_many_phones_fill_one_departure_exactly(night: Night, app: Flask) -> None:
    """Eight phones let people walk in at once: never beyond the capacity, and none turned away while there is room."""
    evening, host, slot = night_of(night.edition), night.foundry.id, night.slot.id

    def let_in(phone: int) -> list[str]:
        with app.app_context():
            gate = Gate(host, since=OPENS - timedelta(hours=1))
            said = [
                check_in(
                    evening, gate, [Reading(f"walk-{phone}-{one:03}", at(0), slot=slot, persons=1, kind="walk_in")],
                    public_key=KEY.public_key(), sent_at=EVENING, now=EVENING,
                )[0].verdict.word
                for one in range(4)
            ]  # fmt: skip
            db.session.remove()
        return said

    with ThreadPoolExecutor(8) as phones:
        said = [word for words_ in phones.map(let_in, range(8)) for word in words_]
    db.session.rollback()
    assert (said.count("admitted"), said.count("full")) == (9, 23)
    assert taken(night.slot) == (12, 9)


def gestures(night: Night, chance: Random, number: int) -> tuple[int, Reading]:
    """One gesture as a phone without network reports it: decided, shown, and perhaps taken back."""
    door = chance.choice([night.foundry, night.cables])
    slot = (night.slot if door is night.foundry else night.later).id
    nonce, when = f"nonce-{number:05}", at(chance.randint(-40, 110)) + number * timedelta(milliseconds=1)
    code = night.token(chance.choice([*night.tickets, night.booking]))
    kind = chance.choice(["in", "in", "in", "in", "out", "undo", "walk_in", "standby", "walk_out", "override"])
    if kind == "undo":
        target = f"nonce-{chance.randrange(max(1, number)):05}"
        return door.id, Reading(nonce, when, kind="undo", target=target, reason="erreur")
    if kind in ("walk_in", "standby", "walk_out"):
        persons = chance.randint(1, 3)
        real = "out" if kind == "walk_out" else kind
        return door.id, Reading(nonce, when, slot=slot, persons=persons, kind=real, given="admitted")
    reason = "retard" if kind == "override" else ""
    return door.id, Reading(nonce, when, code, given="admitted", kind="out" if kind == "out" else "in", reason=reason,
                            admit=chance.choice([None, None, 0, 1]))  # fmt: skip


def end(night: Night) -> object:
    db.session.rollback()
    seats = db.session.execute(select(Seat.id, Seat.entered_at, Seat.left_at).order_by(Seat.id)).all()
    slots = db.session.execute(
        select(Slot.id, Slot.taken, Slot.placed, Slot.walked_in, Slot.walked_out, Slot.standby).order_by(Slot.id)
    ).all()
    scans = db.session.execute(
        select(Scan.nonce, Scan.verdict, Scan.booking_id, Scan.slot_id, Scan.persons, Scan.gone, Scan.granted)
        .order_by(Scan.nonce)
    ).all()  # fmt: skip
    return [[tuple(one) for one in rows] for rows in (seats, slots, scans)]


def forget(night: Night) -> None:
    db.session.rollback()
    db.session.execute(Scan.__table__.delete())
    db.session.execute(Seat.__table__.update().values(entered_at=None, left_at=None))
    for slot in db.session.scalars(select(Slot)):
        slot.taken, slot.placed = slot.taken - slot.placed, 0
        slot.walked_in = slot.walked_out = slot.standby = 0
    db.session.commit()


@pytest.mark.parametrize("seed", range(4))
def test_every_gesture_in_every_order_ends_in_one_state(night: Night, seed: int) -> None:
    chance = Random(seed)
    made = [gestures(night, chance, number) for number in range(60)]
    ends = []
    for _ in range(4):
        chance.shuffle(made)
        for door in (night.foundry.id, night.cables.id):
            mine = [reading for where, reading in made if where == door]
            while mine:
                size = chance.randint(1, 9)
                night.read(*mine[:size], door=door)
                mine = mine[size:]
        ends.append(end(night))
        forget(night)
    assert ends[1:] == ends[:1] * 3


def test_twelve_phones_with_wrong_clocks_end_in_one_state_on_the_database(night: Night) -> None:
    """Three parties, two doors, each clock off by up to a day: whole orders of upload, batch by batch, one end."""
    chance = Random(12)
    parties = [night.booking, a_booking(night.edition, night.later, size=2), a_booking(night.edition, night.slot)]
    tickets = db.session.scalars(select(Ticket).order_by(Ticket.id)).all()
    codes = [night.token(one) for one in (*parties, *tickets)]
    batches = [batch for phone in range(12) for batch in phone_with_a_wrong_clock(night, chance, phone, codes)]
    ends = []
    for _ in range(5):
        for door, off, readings in chance.sample(batches, len(batches)):
            night.read(*readings, door=door, sent_at=EVENING + off)
        ends.append(end(night))
        forget(night)
    assert ends[1:] == ends[:1] * 4


def phone_with_a_wrong_clock(
    night: Night, chance: Random, phone: int, codes: list[str]
) -> list[tuple[int, timedelta, list[Reading]]]:
    """(door, what its clock is off, readings) of two uploads of one phone."""
    off = timedelta(seconds=chance.randint(-86_400, 86_400))
    door = (night.foundry, night.cables)[phone % 2].id
    readings = [
        Reading(f"nonce-{phone:02}-{number}", at(chance.randint(-30, 90)) + off + timedelta(seconds=6 * phone + number),
                chance.choice(codes), given="admitted", kind=chance.choice(["in", "in", "in", "out"]))
        for number in range(6)
    ]  # fmt: skip
    return [(door, off, readings[:3]), (door, off, readings[2:])]
