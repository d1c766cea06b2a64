"""E-bike loops."""

from flask import Blueprint

bp = Blueprint("route", __name__)
