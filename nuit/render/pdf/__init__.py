"""Paper: the evening with its codes, the card of a ride, and the guide's sheets."""

from nuit.render.pdf.card import Card, CardLeg, card_pdf
from nuit.render.pdf.evening import evening_pdf
from nuit.render.pdf.guide import Group, Sheet, guide_pdf

__all__ = ["Card", "CardLeg", "Group", "Sheet", "card_pdf", "evening_pdf", "guide_pdf"]
