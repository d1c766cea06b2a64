"""An independent judge of evenings: reads the raw question, knows nothing of the planner, shares no line with it."""

from itertools import pairwise
from typing import Any


def complaints(asked: dict[str, Any], route: list[list[int]], value: int | None = None) -> list[str]:
    """What is wrong with a route `[[company, start], …]` for a question in the format of the night files."""
    wrong = []
    clock, where, points, minutes, seen = asked["t0"], None, 0, 0, set()
    for company, start in route:
        way = asked["T0"][company] if where is None else asked["T"][where][company]
        if company in seen:
            wrong.append(f"{company} is visited twice")
        if start not in asked["slots"][company]:
            wrong.append(f"{company} has no departure at {start}")
        if clock + way > start:
            wrong.append(f"{company} begins at {start}, the party comes at {clock + way}")
        seen.add(company)
        clock, where = start + asked["dur"][company], company
        points, minutes = points + asked["w"][company], minutes + way
    if where is not None and clock + asked["Te"][where] > asked["t1"]:
        wrong.append(f"home at {clock + asked['Te'][where]}")
    if value is not None and points != value:
        wrong.append(f"worth {points}, not {value}")
    return wrong


def minutes(asked: dict[str, Any], route: list[list[int]]) -> int:
    """Ride of a route, home included."""
    names = [company for company, _ in route]
    if not names:
        return 0
    between = sum(asked["T"][a][b] for a, b in pairwise(names))
    return int(asked["T0"][names[0]] + between + asked["Te"][names[-1]])


def best(asked: dict[str, Any]) -> tuple[int, int]:
    """Points and minutes of the best evening, by trying every one of them: most points, then least ride.

    Companies nobody wished for are not visited, not even where they would lie on a short cut.
    """
    found = (0, 0)
    stack: list[list[list[int]]] = [[]]
    while stack:
        route = stack.pop()
        points = sum(asked["w"][company] for company, _ in route)
        found = max(found, (points, -minutes(asked, route)))
        for company in (one for one in range(asked["n"]) if asked["w"][one] > 0):
            longer = [[*route, [company, start]] for start in asked["slots"][company]]
            stack += [one for one in longer if not complaints(asked, one)]
    return found[0], -found[1]
