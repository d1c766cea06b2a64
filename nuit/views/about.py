"""Practical questions, privacy, accessibility."""

from flask import Blueprint

bp = Blueprint("about", __name__)
