"""The door's rule, by cases a volunteer would recognise, and the fold, by its promise: one end for every order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuit.planning.door import (
    Answer,
    Entry,
    Party,
    Presence,
    Scan,
    Seat,
    Ticket,
    Tolerance,
    Verdict,
    corrected,
    fold,
    judge,
    whole,
)

TOLERANCE = Tolerance(early=timedelta(minutes=20), late=timedelta(minutes=10))
FOUNDRY, CABLES = 1, 2
NIGHT = datetime(2027, 9, 24, 16, 0, tzinfo=UTC)


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return NIGHT.replace(hour=int(hour), minute=int(minute))


def seat(number: int, clock: str, *, door: int = FOUNDRY, ticket: int = 1, gone: str = "", gone_at: str = "") -> Seat:
    start = at(clock)
    since = at(gone_at) if gone_at else None
    return Seat(number, ticket, door, start, start + timedelta(minutes=45), gone, since)


def entry(number: int, clock: str, door: int = FOUNDRY) -> Entry:
    return Entry(number, at(clock), door, "n")


def verdict(now: str, *seats: Seat, entries: tuple[Entry, ...] = (), ticket: Ticket | None = Ticket(1)) -> Verdict:  # noqa: B008
    return judge(ticket, FOUNDRY, at(now), TOLERANCE, seats, {one.seat: one for one in entries})


ONE = seat(1, "19:20")
LATER = seat(2, "21:00")
AWAY = seat(3, "19:40", door=CABLES)
INSIDE = entry(1, "19:08")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (verdict("19:20", ONE), Verdict("admitted", 1)),
        (verdict("19:00", ONE), Verdict("admitted", 1)),
        (verdict("19:30", ONE), Verdict("admitted", 1)),
        (verdict("18:59", ONE), Verdict("too_early", 1)),
        (verdict("19:31", ONE), Verdict("too_late", 1)),
        (verdict("19:20", ONE, AWAY), Verdict("admitted", 1, elsewhere=3)),
        (verdict("19:25", ONE, entries=(INSIDE,)), Verdict("already_in", 1, INSIDE)),
        (verdict("20:00", ONE, entries=(INSIDE,)), Verdict("already_in", 1, INSIDE)),
        (verdict("23:00", ONE, entries=(INSIDE,)), Verdict("already_in", 1, INSIDE)),
        (verdict("19:20", AWAY), Verdict("elsewhere", elsewhere=3)),
        (verdict("22:00", AWAY), Verdict("elsewhere", elsewhere=3)),
        (verdict("20:00", ONE, LATER, entries=(INSIDE,)), Verdict("already_in", 1, INSIDE)),
        (verdict("20:10", ONE, LATER, entries=(INSIDE,)), Verdict("too_early", 2)),
        (verdict("20:45", ONE, LATER, entries=(INSIDE,)), Verdict("admitted", 2)),
        (verdict("20:00", ONE, LATER), Verdict("too_early", 2)),
        (verdict("19:50", ONE, seat(2, "20:05"), entries=(INSIDE,)), Verdict("already_in", 1, INSIDE)),
        (verdict("20:05", ONE, seat(2, "20:05"), entries=(INSIDE,)), Verdict("admitted", 2)),
        (verdict("22:00", ONE, LATER), Verdict("too_late", 2)),
        (
            verdict("19:20", seat(1, "19:20", gone="given_back", gone_at="16:42")),
            Verdict("cancelled", 1, reason="given_back"),
        ),
        (verdict("16:40", seat(1, "16:50", gone="given_back", gone_at="16:42")), Verdict("admitted", 1)),
        (
            verdict("19:27", seat(1, "19:20", gone="released", gone_at="19:25")),
            Verdict("too_late", 1, reason="released"),
        ),
        (verdict("19:24", seat(1, "19:20", gone="released", gone_at="19:25")), Verdict("admitted", 1)),
        (
            verdict("19:20", seat(1, "19:20", gone="cancelled", gone_at="12:00"), AWAY),
            Verdict("cancelled", 1, elsewhere=3, reason="cancelled"),
        ),
        (
            verdict("19:20", seat(1, "19:20", gone="given_back", gone_at="12:00"), seat(4, "19:20")),
            Verdict("admitted", 4),
        ),
        (
            verdict("19:30", seat(1, "19:20", gone="given_back", gone_at="19:25"), entries=(INSIDE,)),
            Verdict("already_in", 1, INSIDE),
        ),
        (verdict("19:20", seat(1, "19:20", gone="waiting")), Verdict("cancelled", reason="waiting")),
        (verdict("19:20", seat(1, "19:20", gone="waiting"), AWAY), Verdict("elsewhere", elsewhere=3)),
        (verdict("19:20"), Verdict("cancelled", reason="none")),
        (verdict("19:20", ONE, ticket=None), Verdict("unknown")),
        (verdict("19:20", ONE, ticket=Ticket(1, at("19:00"))), Verdict("revoked")),
        (verdict("19:20", ONE, ticket=Ticket(1, at("19:30"))), Verdict("admitted", 1)),
    ],
)
def test_verdict(said: Verdict, expected: Verdict) -> None:
    assert said == expected


def test_of_seats_elsewhere_the_next_that_can_be_reached_is_named() -> None:
    passed, due, later = (seat(n, clock, door=CABLES) for n, clock in ((5, "18:00"), (6, "19:40"), (7, "21:00")))
    assert verdict("19:20", later, passed, due).elsewhere == 6
    assert verdict("19:20", later, passed, due, entries=(entry(6, "19:15", CABLES),)).elsewhere == 7


THREE = Party(
    (Ticket(1), Ticket(2), Ticket(3)),
    tuple(seat(10 + person, "19:20", ticket=person) for person in (1, 2, 3)),
)


def scan(nonce: str, clock: str, ticket: int | None = None, **parts: object) -> Scan:
    return Scan(nonce, at(clock), FOUNDRY, ticket, **parts)  # type: ignore[arg-type]


def entered(answers: tuple[Answer, ...]) -> list[int]:
    return [answer.ticket for answer in answers if answer.entered]


def test_a_party_enters_as_a_whole_by_number_or_by_name() -> None:
    presence = fold(
        THREE,
        [scan("a", "19:10", admit=0), scan("b", "19:11", admit=1), scan("c", "19:12", who=frozenset({3}))],
        TOLERANCE,
    )
    assert {nonce: entered(answers) for nonce, answers in presence.answers.items()} == {"a": [], "b": [1], "c": [3]}
    assert sorted(presence.entries) == [11, 13]
    rest = fold(THREE, [scan("c", "19:12", who=frozenset({3})), scan("d", "19:13")], TOLERANCE).answers["d"]
    assert entered(rest) == [1, 2]
    assert [answer.verdict.word for answer in rest] == ["admitted", "admitted", "already_in"]


def test_a_person_of_a_party_that_is_in_is_in() -> None:
    presence = fold(THREE, [scan("b", "19:12", ticket=2), scan("a", "19:11")], TOLERANCE)
    assert whole(presence.answers["b"], scan("b", "19:12", ticket=2)) == Verdict(
        "already_in", 12, Entry(12, at("19:11"), FOUNDRY, "a")
    )


def test_an_override_lets_in_and_counts_once() -> None:
    scans = [scan("a", "18:30", ticket=1), scan("b", "18:31", ticket=1, override=True), scan("c", "18:32", ticket=1)]
    presence = fold(THREE, scans, TOLERANCE)
    assert [whole(presence.answers[one.nonce], one).word for one in scans] == ["too_early", "admitted", "already_in"]
    assert list(presence.entries) == [11]


def test_people_who_are_named_decide_over_those_who_are_not() -> None:
    named = scan("b", "19:12", who=frozenset({2}))
    presence = fold(THREE, [scan("a", "19:11", ticket=2), named], TOLERANCE)
    assert whole(presence.answers["b"], named).word == "already_in"


@pytest.mark.parametrize(
    ("phone", "sent", "now", "since", "expected"),
    [
        ("19:10", "19:12", "19:12", "17:00", "19:10"),
        ("17:10", "17:12", "19:12", "17:00", "19:10"),
        ("21:10", "21:12", "19:12", "17:00", "19:10"),
        ("21:30", "21:12", "19:12", "17:00", "19:12"),
        ("16:10", "19:12", "19:12", "17:00", "17:00"),
    ],
)
def test_a_phone_with_a_wrong_clock_is_set_right(phone: str, sent: str, now: str, since: str, expected: str) -> None:
    assert corrected(at(phone), at(sent), now=at(now), since=at(since)) == at(expected)


def test_the_time_an_upload_takes_does_not_move_a_scan() -> None:
    sent = at("19:12")
    moved = {
        corrected(at("19:10"), sent, now=sent + timedelta(milliseconds=ms), since=at("17:00")) for ms in (0, 90, 499)
    }
    assert moved == {at("19:10")}


def test_who_was_sent_away_did_not_come_in_because_the_tolerance_grew() -> None:
    away = scan("a", "19:35", ticket=1, settled="too_late")
    wider = Tolerance(TOLERANCE.early, timedelta(minutes=30))
    presence = fold(THREE, [away, scan("b", "19:40", ticket=1)], wider)
    assert [whole(presence.answers[nonce], away).word for nonce in "ab"] == ["too_late", "admitted"]


def test_who_came_in_stays_in_when_the_tolerance_shrinks() -> None:
    came = scan("a", "19:05", settled="admitted", granted={1: 11, 2: 12})
    narrower = Tolerance(timedelta(0), TOLERANCE.late)
    presence = fold(THREE, [came, scan("b", "19:25", ticket=1)], narrower)
    assert [answer.verdict.word for answer in presence.answers["a"]] == ["admitted", "admitted", "too_early"]
    assert presence.answers["b"][0].verdict.word == "already_in"


def test_no_ticket_no_entry() -> None:
    presence = fold(Party((), ()), [scan("a", "19:10")], TOLERANCE)
    assert presence.entries == {}
    assert whole(presence.answers["a"], scan("a", "19:10")) == Verdict("unknown")


instants = st.integers(0, 40).map(lambda minutes: at("18:50") + timedelta(minutes=minutes))
scans_ = st.lists(
    st.builds(
        Scan,
        nonce=st.text("abcdef", min_size=3, max_size=6),
        at=instants,
        door=st.sampled_from([FOUNDRY, CABLES]),
        ticket=st.sampled_from([None, 1, 2, 3]),
        admit=st.sampled_from([None, None, 0, 1, 2]),
        who=st.none() | st.frozensets(st.integers(1, 3)),
        override=st.booleans(),
    ),
    unique_by=lambda scan: scan.nonce,
    max_size=12,
)
MIXED = Party(
    (Ticket(1), Ticket(2), Ticket(3, at("19:15"))),
    (
        *THREE.seats,
        seat(21, "19:40", door=CABLES, ticket=1),
        seat(22, "19:00", ticket=2, gone="given_back", gone_at="19:05"),
    ),
)


@given(scans_, st.randoms(use_true_random=False))
def test_every_order_of_arrival_ends_in_one_state(scans: list[Scan], chance: Random) -> None:
    shuffled = list(scans)
    chance.shuffle(shuffled)
    assert fold(MIXED, shuffled, TOLERANCE) == fold(MIXED, scans, TOLERANCE)


@given(scans_)
def test_each_entry_is_one_scan_that_let_one_person_in(scans: list[Scan]) -> None:
    presence = fold(MIXED, scans, TOLERANCE)
    let_in = [
        (answer.verdict.seat, nonce)
        for nonce, answers in presence.answers.items()
        for answer in answers
        if answer.entered and answer.verdict.seat is not None
    ]
    assert sorted((one.seat, one.nonce) for one in presence.entries.values()) == sorted(let_in)
    assert presence.answers.keys() == {scan.nonce for scan in scans}


@given(scans_, st.randoms(use_true_random=False))
def test_verdicts_settled_on_arrival_end_in_the_same_state(scans: list[Scan], chance: Random) -> None:
    """As the server does it: one scan after another in any order, each remembering what it was told first."""
    shuffled = list(scans)
    chance.shuffle(shuffled)
    told: dict[str, Scan] = {}
    for fresh in shuffled:
        told[fresh.nonce] = fresh
        presence = fold(MIXED, told.values(), TOLERANCE)
        told = {nonce: settled(one, presence) for nonce, one in told.items()}
    assert fold(MIXED, told.values(), TOLERANCE) == fold(MIXED, scans, TOLERANCE)


def settled(one: Scan, presence: Presence) -> Scan:
    answers = presence.answers[one.nonce]
    granted = {
        answer.ticket: answer.verdict.seat for answer in answers if answer.entered and answer.verdict.seat is not None
    }
    return replace(one, settled=whole(answers, one).word, granted=granted)


@given(scans_)
def test_a_scan_that_arrives_late_only_ever_takes_from_later_ones(scans: list[Scan]) -> None:
    ordered = sorted(scans, key=lambda scan: (scan.at, scan.nonce))
    final = fold(MIXED, ordered, TOLERANCE).answers
    for known in range(len(ordered)):
        before = fold(MIXED, ordered[:known], TOLERANCE).answers
        assert before == {one.nonce: final[one.nonce] for one in ordered[:known]}
