"""The company desk: one file a page and what it does; everything belongs to one company, and 404 to the others."""

from nuit.views.host import (
    change,
    doors,
    guide,
    overview,
    papers,
    pictures,
    presentation,
    slots,
    visitors,
    visits,
    writing,
)
from nuit.views.host.room import bp

__all__ = [
    "bp",
    "change",
    "doors",
    "guide",
    "overview",
    "papers",
    "pictures",
    "presentation",
    "slots",
    "visitors",
    "visits",
    "writing",
]
