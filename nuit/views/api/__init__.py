"""The JSON API, /api/v1: one blueprint a subject; errors are RFC 9457 problem documents."""

from flask import Blueprint

from nuit.views.api import booking, door, itinerary, programme, waiting

__all__ = ["rooms", "waiting"]
rooms: tuple[Blueprint, ...] = (programme.bp, booking.bp, itinerary.bp, door.bp)
