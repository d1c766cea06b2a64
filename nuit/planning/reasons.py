"""Why not this company? Of all its departures the one that came nearest, and what stood in its way."""

from collections.abc import Sequence

from nuit.planning.night import Candidate, Night, Unserved, barred

_NEARNESS = {
    "dropped": 0, "full": 1, "too_young": 2, "needs_adult": 2, "outside": 3, "too_far": 4, "overlaps": 5, "not_chosen": 7,
}  # fmt: skip
_NEAR_A_STOP = 6


def reasons(night: Night, visited: Sequence[Candidate]) -> tuple[Unserved, ...]:
    """One reason for each company that was wished for, locked or required and is not visited, by company."""
    served = {one.company for one in visited}
    found: dict[int, tuple[tuple[int, int, int], Unserved]] = {}
    for one in night.candidates:
        wanted = one.score > 0 or one.slot in night.locked or one.company in night.required
        if one.company in served or not wanted:
            continue
        why = barred(night, one) or _between(night, visited, one)
        nearness = _NEAR_A_STOP if why.reason == "too_far" and why.other is not None else _NEARNESS[why.reason]
        rank = (-nearness, why.minutes, one.slot)
        if one.company not in found or rank < found[one.company][0]:
            found[one.company] = (rank, why)
    return tuple(why for _, (_, why) in sorted(found.items()))


def _between(night: Night, visited: Sequence[Candidate], one: Candidate) -> Unserved:
    for stop in visited:
        if one.start < stop.end and stop.start < one.end:
            return Unserved(one.company, "overlaps", one.slot, other=stop.slot)
    late, other = 0, None
    for stop in visited:
        first, second = (stop, one) if stop.end <= one.start else (one, stop)
        missing = night.ready(first, second) - second.start
        if missing > late:
            late, other = missing, stop.slot
    if other is None:
        return Unserved(one.company, "not_chosen", one.slot)
    return Unserved(one.company, "too_far", one.slot, minutes=late, other=other)
