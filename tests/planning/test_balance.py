"""Balance leads parties of one taste to more doors, and never costs them a visit."""

import numpy as np

from nuit.planning.balance import Spread, spread
from nuit.planning.night import Candidate, Night


def never() -> bool:
    return False


def test_parties_of_one_taste_are_spread_over_the_doors() -> None:
    """Six doors, the nearest first by a minute each; ten places a departure, one visit an evening."""
    doors = tuple(Candidate(slot, slot, slot, 60, 100, 10, 10) for slot in range(6))
    out = np.arange(5, 11)
    night = Night(doors, np.full((6, 6), 20), out, out, 0, 120, balance=30)
    hours, capacity = [(0, 120)] * 12, dict.fromkeys(range(6), 10)
    assert spread(night, hours, capacity, stop=never) == Spread(doors=5, visits=12, most=4)
    plain = Night(doors, np.full((6, 6), 20), out, out, 0, 120)
    assert spread(plain, hours, capacity, stop=never) == Spread(doors=2, visits=12, most=10)


def test_a_full_night_leads_nowhere() -> None:
    night = Night((Candidate(1, 1, 0, 60, 100, 10, 0),), [[0]], [5], [5], 0, 120)
    assert spread(night, [(0, 120)], {1: 10}, stop=never) == Spread(doors=0, visits=0, most=0)
