"""A party's evening: asked for, looked after, taken along, kept on a phone; one file each."""

from nuit.views.booking import asking, care, changing, holding, own, papers, pocket, waiting
from nuit.views.booking.room import bp

__all__ = ["asking", "bp", "care", "changing", "holding", "own", "papers", "pocket", "waiting"]
