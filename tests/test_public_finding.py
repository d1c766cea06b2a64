"""Which companies answer a visitor's question: values in, values out."""

from datetime import UTC, datetime, timedelta

from nuit.planning.finding import (
    Candidate,
    Chance,
    Departure,
    Question,
    Relaxation,
    Showing,
    chances,
    find,
    fold,
    onward,
    relaxations,
)

EVENING = datetime(2027, 9, 24, 15, 0, tzinfo=UTC)


def departure(slot: int, minutes: int, left: int) -> Departure:
    starts_at = EVENING + timedelta(minutes=minutes)
    return Departure(slot, starts_at, starts_at + timedelta(minutes=40), left)


def company(host: int, name: str, *showings: Showing, trades: tuple[str, ...] = (), lon: float = 7.36) -> Candidate:
    return Candidate(host, name, fold(name), frozenset(trades), (lon, 46.22), showings)


FORGE = company(
    1,
    "Forge d’Été",
    Showing(11, ("fr",), "no", 12, (departure(101, 60, 2), departure(102, 120, 8))),
    Showing(12, ("de", "fr"), "yes", 0, (departure(103, 180, 1),)),
    trades=("forge",),
)
DAIRY = company(2, "Laiterie", Showing(21, ("fr", "en"), "partly", 6, (departure(201, 30, 0),)), lon=7.30)
MILL = company(3, "Moulin", Showing(31, ("en",), "yes", 0, (departure(301, 45, 12),)), trades=("mill",), lon=7.37)
SILENT = company(4, "Atelier sans visite")
ALL = (FORGE, DAIRY, MILL, SILENT)


def hosts(question: Question) -> list[int]:
    return [match.host for match in find(ALL, question)]


def test_nothing_asked_gives_everybody_by_next_departure_the_full_ones_last_by_name() -> None:
    assert hosts(Question()) == [3, 1, 4, 2]


def test_words_are_found_without_accents_and_all_of_them_must_be_there() -> None:
    assert hosts(Question(words="FORGE ete")) == [1]
    assert hosts(Question(words="forge laiterie")) == []


def test_seats_take_only_who_has_them_and_tell_the_first_departure_that_does() -> None:
    found = find(ALL, Question(seats=3))
    assert [(match.host, match.next and match.next.slot) for match in found] == [(3, 301), (1, 102)]


def test_one_visit_must_suit_all_of_the_question() -> None:
    """The forge speaks German, and it shows something to those over twelve: not in the same visit for a seat of three."""
    assert hosts(Question(language="de")) == [1]
    assert find(ALL, Question(language="de"))[0].next == departure(103, 180, 1)
    assert hosts(Question(language="de", seats=2)) == []
    assert hosts(Question(wheelchair=True)) == [3, 1, 2]
    assert hosts(Question(age=6)) == [3, 1, 2]
    assert hosts(Question(age=5)) == [3, 1]


def test_languages_are_those_of_the_suiting_visits() -> None:
    assert find(ALL, Question(age=5))[1].languages == ("de", "fr")


def test_full_is_told_from_nothing_to_come() -> None:
    assert [(match.host, match.is_full) for match in find(ALL, Question(order="name"))] == [
        (4, False),
        (1, False),
        (2, True),
        (3, False),
    ]


def test_distance_orders_by_metres_from_the_point() -> None:
    near = find(ALL, Question(near=(7.30, 46.22), order="distance"))
    assert [match.host for match in near] == [2, 4, 1, 3]
    assert near[0].metres == 0


def test_relaxations_name_each_single_step_that_helps_the_most_answers_first() -> None:
    question = Question(trade="forge", language="en", seats=2)
    assert find(ALL, question) == []
    assert relaxations(ALL, question) == [Relaxation("language", "", 1), Relaxation("trade", "", 1)]


def test_a_party_is_made_smaller_before_the_wish_for_seats_is_dropped() -> None:
    assert relaxations(ALL, Question(trade="forge", seats=12)) == [
        Relaxation("seats", 8, 1),
        Relaxation("trade", "", 1),
    ]


def test_onward_starts_when_the_next_visit_here_is_over_and_the_ride_is_done() -> None:
    after, reached = onward(ALL, 3, {1: 35.0, 2: 5.0}, now=EVENING)
    assert after == departure(301, 45, 12)
    assert [(match.host, match.next and match.next.slot) for match in reached] == [(1, 102)]
    _, further = onward(ALL, 3, {1: 36.0}, now=EVENING)
    assert [match.next and match.next.slot for match in further] == [103]


def test_onward_from_a_place_without_visits_starts_now() -> None:
    after, reached = onward(ALL, 4, {1: 10.0, 3: 46.0}, now=EVENING)
    assert after is None
    assert [match.host for match in reached] == [1]


def test_chances_hour_by_hour_show_other_companies_where_there_are() -> None:
    assert chances(ALL, hourly=False, limit=2) == [
        Chance(3, 31, departure(301, 45, 12)),
        Chance(1, 11, departure(101, 60, 2)),
    ]
    late = company(5, "Zinc", Showing(51, ("fr",), "no", 0, (departure(501, 125, 4), departure(502, 130, 4))))
    assert [one.departure.slot for one in chances((*ALL, late), hourly=True, limit=6)] == [301, 101, 501, 103]
