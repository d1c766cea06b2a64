"""A ticket opened with any phone."""

from flask import Blueprint

bp = Blueprint("ticket", __name__, url_prefix="/T")
