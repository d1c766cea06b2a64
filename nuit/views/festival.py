"""The Festival de la transition."""

from flask import Blueprint

bp = Blueprint("festival", __name__)
