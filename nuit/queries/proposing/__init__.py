"""Proposing an evening: what can be wished for, the planner's question as the programme stands, and its answer."""

from nuit.queries.proposing.effect import PARTIES, balance_effect
from nuit.queries.proposing.outing import outings
from nuit.queries.proposing.stage import departing, stage_at, stage_of, the_night, timed_at

__all__ = ["PARTIES", "balance_effect", "departing", "outings", "stage_at", "stage_of", "the_night", "timed_at"]
