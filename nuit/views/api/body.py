"""What a client sends as JSON: one object, no duplicate keys, nothing that breaks further in."""

import json
from typing import Any, NoReturn

from flask import abort, request


def json_object() -> dict[str, Any]:
    """The request's JSON object; 415 for another content type, 400 for anything else that is no sound object."""
    if not request.is_json:
        abort(415)
    try:
        found = json.loads(request.get_data().decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        abort(400)
    if not isinstance(found, dict):
        abort(400)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
