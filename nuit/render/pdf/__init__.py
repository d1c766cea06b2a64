"""Paper: the evening with its codes, the card of a ride, the guide's sheets, posters and door signs."""

from nuit.render.pdf.card import Card, CardLeg, card_pdf
from nuit.render.pdf.evening import evening_pdf
from nuit.render.pdf.guide import Group, Sheet, guide_pdf
from nuit.render.pdf.placard import Placard, placards_pdf

__all__ = [
    "Card",
    "CardLeg",
    "Group",
    "Placard",
    "Sheet",
    "card_pdf",
    "evening_pdf",
    "guide_pdf",
    "placards_pdf",
]
