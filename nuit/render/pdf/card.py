"""A ride on a card of A5: its map, its climb, its turns; to fold into a pocket or clip to a handlebar."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask_babel import get_locale, gettext

from nuit.i18n import km
from nuit.render.pdf.press import MARK, ROOT, printed

SHEET = ROOT / "templates" / "route" / "card.typ"
WIDE, HIGH, ROOM = 640.0, 110.0, 12.0
SHEET_WIDE, MAP_HIGH = 126.0, 96.0
"""Millimetres between the margins of an A5, and of a map beside which its turns have room."""
VIEW = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
FLAT = 60.0
"""Metres of height that a profile spans at least: a flat ride looks flat."""


@dataclass(frozen=True)
class CardLeg:
    """One ride: where from and to, its figures in words, when to leave ("" where no hour is known), its drawing with
    what it shows ("" where the card has one map for all), and its turns as (metres, words, note)."""

    title: str
    figures: str
    leave: str
    drawing: str
    alt: str
    turns: tuple[tuple[float, str, str], ...]


@dataclass(frozen=True)
class Card:
    """A whole ride: words on top, one map for all (or ""), a profile of [metres, height] with stops at these metres."""

    title: str
    subtitle: str
    figures: str
    drawing: str
    alt: str
    profile: Sequence[Sequence[float]]
    marks: tuple[float, ...]
    legs: tuple[CardLeg, ...]
    footer: str


def card_pdf(card: Card) -> bytes:
    """The card in the spoken language, A5."""
    locale = get_locale()
    heights = [height for _, height in card.profile]
    page: dict[str, Any] = {
        "lang": locale.language if locale else "fr",
        "brand": gettext("La nuit de l’industrie"),
        "mark": MARK.read_text(),
        "title": card.title,
        "subtitle": card.subtitle,
        "figures": card.figures,
        "map": {"svg": card.drawing, "alt": card.alt} if card.drawing else None,
        "profile": {"svg": _profile(card.profile, card.marks), "alt": _said(heights)} if len(heights) > 1 else None,
        "legs": [_leg(leg) for leg in card.legs],
        "footer": card.footer,
    }
    return printed(SHEET, page)


def _leg(leg: CardLeg) -> dict[str, Any]:
    return {
        "title": leg.title,
        "figures": leg.figures,
        "leave": leg.leave,
        "map": {"svg": leg.drawing, "alt": leg.alt, "wide": _fitting(leg.drawing)} if leg.drawing else None,
        "turns": [[km(metres), f"{words} {note}".strip()] for metres, words, note in leg.turns],
    }


def _fitting(drawing: str) -> float:
    """Millimetres of width at which a drawing is no higher than a leg's page has room for."""
    box = VIEW.search(drawing)
    return min(SHEET_WIDE, SHEET_WIDE if box is None else MAP_HIGH * float(box[1]) / float(box[2]))


def _said(heights: Sequence[float]) -> str:
    low, high = (f"{one:.0f}" for one in (min(heights), max(heights)))
    return str(gettext("Profil : de %(low)s à %(high)s m d’altitude", low=low, high=high))


def _profile(profile: Sequence[Sequence[float]], marks: Sequence[float]) -> str:
    """The climb as a drawing with its colours in it, a tick at each stop."""
    along, height = np.array(profile, dtype=np.float64).T
    low, span = float(height.min()), max(FLAT, float(np.ptp(height)))
    even = np.linspace(0, along[-1], 160)
    x = even / max(along[-1], 1.0) * WIDE
    y = HIGH - ROOM - (np.interp(even, along, height) - low) / span * (HIGH - 2 * ROOM)
    line = " ".join(f"{u:.1f} {v:.1f}" for u, v in zip(x, y, strict=True))
    ticks = "".join(
        f'<path d="M{at / max(along[-1], 1.0) * WIDE:.1f} {np.interp(at, even, y):.1f}V{HIGH}" stroke="#0b1230"/>'
        for at in marks
    )
    top = max(0.0, float(y.min()) - ROOM)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 {top:.0f} {WIDE + 4} {HIGH - top:.0f}" fill="none">'
        f'<path fill="#ffe3d2" d="M{line}L{WIDE} {HIGH}L0 {HIGH}Z"/>{ticks}'
        f'<path stroke="#ff6d1f" stroke-width="3" stroke-linejoin="round" d="M{line}"/></svg>'
    )
