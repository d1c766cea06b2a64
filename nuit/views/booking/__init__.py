"""A party's evening: asked for, looked after, taken along, kept on a phone; one file each."""

from nuit.views.booking import asking, care, papers, pocket
from nuit.views.booking.room import bp

__all__ = ["asking", "bp", "care", "papers", "pocket"]
