"""A loop over its stops, as ridden: what a route keeps of itself in `Route.track`."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from nuit.planning.ride import Mode
from nuit.planning.streets import Network, Point, Ride, ride_between


def track(network: Network, places: Sequence[Point], *, closed: bool, mode: Mode = "ebike25") -> dict[str, Any]:
    """The ride over all `places` in order, and back to the first when `closed`; {} for fewer than two places.

    `line` is [lon, lat] to five decimals; `profile` [metres, height]; `legs` name the stops they join (`start`, `end`),
    where their line begins and ends in `line` (`first`, `last`) and their turns. Seconds are model time;
    `lit` is the share of the way under street lamps, `cycle` that on cycle ways. Raises OutsideNetwork or Unreachable.
    """
    if len(places) < 2:
        return {}
    back = closed and places[-1] != places[0]
    stops = [*range(len(places)), *([0] if back else [])]
    rides = [ride_between(network, places[a], places[b], mode) for a, b in pairwise(stops)]
    found: dict[str, Any] = {"line": [], "profile": [], "legs": []}
    metres = 0.0
    for (a, b), ride in zip(pairwise(stops), rides, strict=True):
        found["legs"].append(_leg(a, b, ride, _join(found["line"], ride)))
        found["profile"] += [[round(metres + along), round(height, 1)] for along, height in ride.profile]
        metres += ride.metres
    return found | {
        "metres": round(metres),
        "climb": round(sum(ride.climb for ride in rides)),
        "descent": round(sum(ride.descent for ride in rides)),
        "lit": round(sum(ride.lit_share * ride.metres for ride in rides) / max(metres, 1.0), 3),
        "cycle": round(sum(ride.cycle_share * ride.metres for ride in rides) / max(metres, 1.0), 3),
        "seconds": round(sum(ride.seconds for ride in rides)),
        "mode": mode,
        "approximate": network.approximate,
        "revision": network.revision,
    }


def leg_track(whole: dict[str, Any], number: int) -> dict[str, Any]:
    """One leg of a track (counted from 0) as a track of its own; {} where there is none of that number."""
    legs = whole.get("legs", [])
    if not 0 <= number < len(legs):
        return {}
    leg = legs[number]
    begin = sum(one["metres"] for one in legs[:number])
    end = begin + leg["metres"]
    profile = [
        [round(min(max(at - begin, 0), leg["metres"])), up] for at, up in whole["profile"] if begin - 2 <= at <= end + 2
    ]
    figures = {key: leg[key] for key in ("metres", "climb", "descent", "lit", "seconds")}
    return (
        whole
        | figures
        | {
            "line": whole["line"][leg["first"] : leg["last"] + 1],
            "profile": profile,
            "legs": [leg | {"first": 0, "last": leg["last"] - leg["first"]}],
        }
    )


def _join(line: list[list[float]], ride: Ride) -> tuple[int, int]:
    """Appends the ride's points without repeating one; returns the indices of its first and last."""
    first = max(0, len(line) - 1)
    for lon, lat in ride.line:
        point = [round(lon, 5), round(lat, 5)]
        if not line or line[-1] != point:
            line.append(point)
    return first, len(line) - 1


def _leg(start: int, end: int, ride: Ride, span: tuple[int, int]) -> dict[str, Any]:
    return {
        "start": start,
        "end": end,
        "first": span[0],
        "last": span[1],
        "metres": round(ride.metres),
        "climb": round(ride.climb),
        "descent": round(ride.descent),
        "lit": round(ride.lit_share, 3),
        "seconds": round(ride.seconds),
        "turns": [
            {"name": turn.name, "kind": turn.kind, "metres": round(turn.metres), "bearing": round(turn.bearing),
             "change": round(turn.change), "pushed": turn.pushed}
            for turn in ride.turns
        ],
    }  # fmt: skip
