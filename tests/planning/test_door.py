"""The door's rule, by cases a volunteer would recognise, and the fold, by its promise: one end for every order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuit.planning.door import Entry, Seat, Ticket, Tolerance, Verdict, judge
from nuit.planning.presence import (
    IN,
    OUT,
    STANDBY,
    UNDO,
    WALK_IN,
    Answer,
    Party,
    Presence,
    Scan,
    corrected,
    fold,
    whole,
)
from nuit.planning.walked import Walk, Walked, walked

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
        (verdict("19:35", replace(ONE, late_until=at("19:35"))), Verdict("admitted", 1)),
        (verdict("19:36", replace(ONE, late_until=at("19:35"))), Verdict("too_late", 1)),
        (verdict("19:30", replace(ONE, late_until=at("19:25"))), Verdict("admitted", 1)),
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


def with_undos(scans: list[Scan]) -> st.SearchStrategy[list[Scan]]:
    """Some of the scans are taken back: at their own door or another, also by a clock that says « before »."""
    undos = st.builds(
        Scan,
        nonce=st.text("uvwxyz", min_size=3, max_size=6),
        at=instants,
        door=st.sampled_from([FOUNDRY, CABLES]),
        ticket=st.none(),
        override=st.just(True),
        kind=st.just(UNDO),
        target=st.sampled_from([scan.nonce for scan in scans] or ["none"]),
    )
    return st.lists(undos, unique_by=lambda scan: scan.nonce, max_size=3).map(lambda more: [*scans, *more])


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
        kind=st.sampled_from([IN, IN, IN, OUT]),
    ),
    unique_by=lambda scan: scan.nonce,
    max_size=12,
).flatmap(lambda scans: with_undos(scans))
MIXED = Party(
    (Ticket(1), Ticket(2), Ticket(3, at("19:15"))),
    (
        *THREE.seats,
        seat(21, "19:40", door=CABLES, ticket=1),
        seat(23, "19:35", ticket=1),
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
    assert {(one.seat, one.nonce) for one in presence.entries.values()} <= set(let_in)
    assert {one.nonce for one in presence.entries.values()} & presence.undone == set()
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
    """As the database keeps it: the verdict, and the seats that were given because their hour had come."""
    answers = presence.answers[one.nonce]
    granted = {
        answer.ticket: answer.verdict.seat
        for answer in answers
        if answer.entered and answer.verdict.seat is not None and answer.verdict.reason == ""
    }
    return replace(one, settled=whole(answers, one).word, granted=granted)


@given(scans_)
def test_a_scan_that_arrives_late_only_ever_changes_later_ones(scans: list[Scan]) -> None:
    known = {scan.nonce: scan for scan in scans}
    begins = {scan.nonce: max(scan.at, known.get(scan.target, scan).at) for scan in scans}
    ordered = sorted(scans, key=lambda scan: (begins[scan.nonce], scan.kind == UNDO, scan.nonce))
    final = fold(MIXED, ordered, TOLERANCE).answers
    for count in range(len(ordered)):
        before = fold(MIXED, ordered[:count], TOLERANCE).answers
        assert before == {one.nonce: final[one.nonce] for one in ordered[:count]}


def step(nonce: str, clock: str, kind: str, **parts: object) -> Scan:
    return scan(nonce, clock, **{"ticket": 1, "kind": kind, **parts})  # type: ignore[arg-type]


def told(*scans: Scan, party: Party = THREE) -> dict[str, str]:
    presence = fold(party, scans, TOLERANCE)
    return {one.nonce: whole(presence.answers[one.nonce], one).word for one in scans}


def test_who_goes_out_may_come_back_while_the_visit_runs() -> None:
    scans = [
        step("a", "19:10", IN), step("b", "19:15", OUT), step("c", "19:40", IN), step("d", "19:41", IN),
        step("e", "19:50", OUT), step("f", "20:05", IN), step("g", "20:06", OUT),
    ]  # fmt: skip
    assert told(*scans) == {
        "a": "admitted", "b": "left", "c": "admitted", "d": "already_in", "e": "left", "f": "already_in", "g": "not_in",
    }  # fmt: skip
    presence = fold(THREE, scans, TOLERANCE)
    assert presence.entries == {11: Entry(11, at("19:10"), FOUNDRY, "a", at("19:50"))}
    assert presence.answers["c"][0].verdict.reason == "back"


def test_nobody_goes_out_who_is_not_in() -> None:
    assert told(step("a", "19:10", OUT), step("b", "19:12", OUT)) == {"a": "not_in", "b": "not_in"}


def test_an_undo_takes_back_from_its_own_time_on() -> None:
    undo = Scan("u", at("19:14"), FOUNDRY, None, override=True, kind=UNDO, target="a")
    scans = [step("a", "19:10", IN, ticket=None), step("b", "19:12", IN), undo, step("c", "19:16", IN)]
    assert told(*scans) == {"a": "admitted", "b": "already_in", "u": "undone", "c": "admitted"}
    presence = fold(THREE, scans, TOLERANCE)
    assert presence.entries == {11: Entry(11, at("19:16"), FOUNDRY, "c")}
    assert presence.undone == {"a"}


def test_an_undo_by_a_clock_that_runs_behind_still_comes_after() -> None:
    undo = Scan("u", at("18:00"), FOUNDRY, None, kind=UNDO, target="a")
    assert fold(THREE, [undo, step("a", "19:10", IN)], TOLERANCE).entries == {}


@pytest.mark.parametrize("parts", [{"door": CABLES}, {"target": "nothing"}])
def test_an_undo_counts_at_the_door_of_what_it_takes_back(parts: dict[str, object]) -> None:
    undo = replace(Scan("u", at("19:14"), FOUNDRY, None, kind=UNDO, target="a"), **parts)  # type: ignore[arg-type]
    assert told(step("a", "19:10", IN), undo) == {"a": "admitted", "u": "unknown"}


def test_taking_back_that_somebody_left() -> None:
    undo = Scan("u", at("19:14"), FOUNDRY, None, kind=UNDO, target="b")
    presence = fold(THREE, [step("a", "19:10", IN), step("b", "19:12", OUT), undo], TOLERANCE)
    assert presence.entries == {11: Entry(11, at("19:10"), FOUNDRY, "a")}


def test_who_is_let_in_without_a_seat_is_a_guest() -> None:
    away = Party((Ticket(1),), (seat(3, "19:40", door=CABLES),))
    scans = [
        step("a", "19:10", IN), step("b", "19:11", IN, override=True), step("c", "19:12", IN, override=True),
        step("d", "19:20", OUT), step("e", "19:30", IN),
    ]  # fmt: skip
    assert told(*scans, party=away) == {
        "a": "elsewhere", "b": "admitted", "c": "already_in", "d": "left", "e": "elsewhere",
    }  # fmt: skip
    assert fold(away, scans, TOLERANCE).guests == {(1, FOUNDRY): Entry(None, at("19:11"), FOUNDRY, "b", at("19:20"))}


def walks(*parts: tuple[str, str, int, str]) -> list[Walk]:
    return [
        Walk(nonce, at("19:10") + timedelta(minutes=place), kind, persons, FOUNDRY, kind == WALK_IN, target)
        for place, (nonce, kind, persons, target) in enumerate(parts)
    ]


def test_people_without_a_ticket_are_counted() -> None:
    assert walked(
        walks(
            ("a", WALK_IN, 2, ""),
            ("b", STANDBY, 3, ""),
            ("c", STANDBY, 4, ""),
            ("d", WALK_IN, 3, "b"),
            ("e", OUT, 1, ""),
        )
    ) == Walked(came=5, left=1, waiting={"c": 4})
    assert walked(walks(("a", WALK_IN, 2, ""), ("u", UNDO, 0, "a"))) == Walked(0, 0, {})
    called_back = walks(("b", STANDBY, 3, ""), ("d", WALK_IN, 3, "b"), ("u", UNDO, 0, "d"))
    assert walked(called_back) == Walked(0, 0, {"b": 3})
    elsewhere = replace(walks(("u", UNDO, 0, "a"))[0], door=CABLES)
    assert walked([*walks(("a", WALK_IN, 2, "")), elsewhere]) == Walked(2, 0, {})
    refused = replace(walks(("a", WALK_IN, 2, ""))[0], let_in=False)
    assert walked([refused]) == Walked(0, 0, {})


PHONES, DOORS, ORDERS = 12, 3, 1000


def parties_of(chance: Random, number: int) -> list[Party]:
    """Parties of two with a place at 19:20 and one at 20:40, at doors of their own."""
    return [
        Party(
            (Ticket(10 * one + 1), Ticket(10 * one + 2)),
            tuple(
                seat(100 * one + 10 * hour + person, clock, door=door, ticket=10 * one + person)
                for hour, (clock, door) in enumerate(zip(("19:20", "20:40"), chance.sample((1, 2, 3), 2), strict=True))
                for person in (1, 2)
            ),
        )
        for one in range(number)
    ]


def test_a_thousand_whole_orders_of_upload_end_in_one_state() -> None:
    """12 phones at three doors read one another's tickets, clocks off by up to a day; every order of all that is sent.

    The house settles each scan as it comes, as in the database; batches come in any order, some of them twice.
    """
    chance = Random(2031)
    memory: Memory = {}
    parties = parties_of(chance, 8)
    queues = [_uploads(chance, phone, parties, 8, chance.sample(range(8), 2)) for phone in range(PHONES)]
    batches = [queue[place : place + 4] for queue in queues for place in (0, 4)]
    ends = {
        _state(parties, chance.sample([*batches, *chance.sample(batches, 2)], len(batches) + 2), memory)
        for _ in range(ORDERS)
    }
    final = _state(parties, [[one for queue in queues for one in queue]], {})
    assert ends == {final}
    words = ("admitted", "already_in", "too_early", "too_late", "elsewhere", "left", "not_in", "undone")
    assert [word for word in words if f"word='{word}'" not in final] == []


def test_twelve_phones_of_three_hundred_scans_end_in_one_state() -> None:
    """As large as an evening: a whole order batch after batch, and all at once."""
    chance = Random(28)
    parties = parties_of(chance, 60)
    queues = [_uploads(chance, phone, parties, 300, range(60)) for phone in range(PHONES)]
    batches = [queue[place : place + 150] for queue in queues for place in (0, 150)]
    together = [[one for queue in queues for one in queue]]
    assert _state(parties, chance.sample(batches, len(batches)), {}) == _state(parties, together, {})


def _uploads(
    chance: Random, phone: int, parties: list[Party], each: int, among: Sequence[int]
) -> list[tuple[int, Scan]]:
    """What one phone has read in the evening, set right by its offset: its own clock is up to a day off."""
    off = timedelta(seconds=chance.randint(-86_400, 86_400))
    sent, door, made = at("22:30"), 1 + phone % DOORS, []
    for number in range(each):
        whose = chance.choice(among)
        spoken = at("17:30") + timedelta(milliseconds=chance.randint(0, 5 * 3_600_000)) + off
        instant = corrected(spoken, sent + off, now=sent, since=at("16:00"))
        earlier = [scan for owner, scan in made if owner == whose]
        kind = chance.choice([IN, IN, IN, IN, OUT, UNDO]) if earlier else IN
        ticket = chance.choice([None, *[one.id for one in parties[whose].tickets]]) if kind != UNDO else None
        made.append((whose, Scan(
            f"{phone:02}-{number:03}", instant, door, ticket, override=kind == UNDO or chance.random() < 0.05, kind=kind,
            target=chance.choice(earlier).nonce if kind == UNDO else "",
        )))  # fmt: skip
    return made


Memory = dict[tuple[int, frozenset[tuple[object, ...]]], tuple[str, dict[str, Scan]]]


def _state(parties: list[Party], batches: list[list[tuple[int, Scan]]], memory: Memory) -> str:
    """As the server does it, batch after batch, each scan remembering what it was told when it came; the end of all."""
    told: dict[int, dict[str, Scan]] = {number: {} for number in range(len(parties))}
    ends: dict[int, str] = {}
    for batch in batches:
        for number, one in batch:
            told[number].setdefault(one.nonce, one)
        for number in {number for number, _scan in batch}:
            ends[number], told[number] = _settled(number, parties[number], told[number], memory)
    return "\n".join(f"{number}: {end}" for number, end in sorted(ends.items()))


def _settled(number: int, party: Party, told: dict[str, Scan], memory: Memory) -> tuple[str, dict[str, Scan]]:
    """(end, scans with what they are told) of one party; the same scans, told the same, are folded once only."""
    known = number, frozenset((one.nonce, one.settled, *one.granted.items()) for one in told.values())
    if known not in memory:
        end = fold(party, told.values(), TOLERANCE)
        parts = (end.entries.items(), end.guests.items(), end.answers.items(), end.undone)
        memory[known] = (
            repr([sorted(part) for part in parts]),
            {nonce: settled(one, end) for nonce, one in told.items()},
        )
    end_, scans = memory[known]
    return end_, dict(scans)
