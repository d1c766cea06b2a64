"""Companies: the list with its filters, and one company."""

from flask import Blueprint

bp = Blueprint("company", __name__)
