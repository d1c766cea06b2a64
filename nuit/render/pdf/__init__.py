"""Paper: the evening with its codes, and the card of a ride."""

from nuit.render.pdf.card import Card, CardLeg, card_pdf
from nuit.render.pdf.evening import evening_pdf

__all__ = ["Card", "CardLeg", "card_pdf", "evening_pdf"]
