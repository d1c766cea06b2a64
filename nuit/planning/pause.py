"""A meal or a break: a stop without a company, wherever a visit has just ended."""

from dataclasses import replace

from nuit.planning.night import BARS, END, PLACE, Candidate, Night

PAUSE = -1
"""The company of a pause; its slots have negative numbers too."""


def with_pause(night: Night, minutes: int, after: int, before: int) -> Night:
    """The same night with a pause of so many minutes that must lie between two hours, right after a visit.

    Where no visit ends early enough it may also be at a place of a visit by the time the party can be there. Raises
    NightError where that makes more candidates than a night may hold.
    """
    free = night.table[night.bars[0] == BARS.index("")]
    spots = {(int(row[PLACE]), max(after, int(row[END]))) for row in free}
    spots |= {(place, max(after, night.begin + int(night.out[place]) + night.slack)) for place, _ in spots}
    fitting = sorted((start, place) for place, start in spots if start + minutes <= before)
    pauses = (
        Candidate(-1 - number, PAUSE, place, start, start + minutes, left=night.seats)
        for number, (start, place) in enumerate(fitting)
    )
    return replace(night, candidates=(*night.candidates, *pauses), required=night.required | {PAUSE})
