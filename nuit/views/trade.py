"""Trades: what people do there, and how one learns it."""

from flask import Blueprint

bp = Blueprint("trade", __name__)
