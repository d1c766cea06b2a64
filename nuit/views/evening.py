"""Composing an evening: the chosen slots, hour by hour."""

from flask import Blueprint

bp = Blueprint("evening", __name__)
