"""The big map."""

from flask import Blueprint

bp = Blueprint("map", __name__)
