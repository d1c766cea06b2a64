"""Booking the evening, and the evening once booked."""

from flask import Blueprint

bp = Blueprint("booking", __name__)
