"""The door's web app, and pairing a phone."""

from flask import Blueprint

bp = Blueprint("door", __name__, url_prefix="/porte")
