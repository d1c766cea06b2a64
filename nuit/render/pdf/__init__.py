"""Paper: the evening with its codes, the card of a ride, the guide's sheets, posters and door signs, the programme and badges."""

from nuit.render.pdf.card import Card, CardLeg, card_pdf
from nuit.render.pdf.evening import evening_pdf
from nuit.render.pdf.guide import Group, Sheet, guide_pdf
from nuit.render.pdf.handout import Badge, badges_pdf, programme_pdf
from nuit.render.pdf.placard import Placard, placards_pdf

__all__ = [
    "Badge",
    "Card",
    "CardLeg",
    "Group",
    "Placard",
    "Sheet",
    "badges_pdf",
    "card_pdf",
    "evening_pdf",
    "guide_pdf",
    "placards_pdf",
    "programme_pdf",
]
