"""A wish as a client of the API sends it: every field known, of its type, within its length; nothing is guessed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from nuit.forms.scan import Unfit
from nuit.models import Edition
from nuit.planning.evening import AGE_BANDS, MODES, Person
from nuit.planning.night import MOST_SCORE
from nuit.planning.ride import Mode
from nuit.planning.wish import Place, Wish

LARGEST_BODY = 2**16
MOST_WISHES, MOST_SLOTS = 500, 100
AROUND = timedelta(days=1)
"""So long before and after the night an evening may begin and end."""
_FIELDS = {"start_at", "end_at", "from", "to", "mode", "party", "wishes", "locked", "refused"}
_SLUG = re.compile(r"[a-z0-9-]{1,80}", re.ASCII)
Errors = dict[str, str]


def wish_from(fields: dict[str, Any], edition: Edition) -> Wish:
    """The wish in a JSON object; without wishes every company counts one point. Raises Unfit with all faults at once."""
    errors: Errors = {name[:80]: "unknown field" for name in sorted(set(fields) - _FIELDS)[:20]}
    begin = _instant(fields.get("start_at"), "start_at", edition, errors)
    until = _instant(fields.get("end_at"), "end_at", edition, errors)
    start = _place(fields.get("from"), "from", edition, errors)
    mode = fields.get("mode", "ebike25")
    if not isinstance(mode, str) or mode not in MODES:
        errors["mode"] = "one of " + ", ".join(MODES)
    wish = Wish(
        begin=begin, until=until, start=start,
        end=_place(fields["to"], "to", edition, errors) if fields.get("to") is not None else start,
        mode=cast(Mode, mode), party=_party(fields.get("party"), edition, errors),
        scores=(scores := _wishes(fields.get("wishes", []), errors)), others=0 if scores else 1,
        locked=_slots(fields.get("locked", []), "locked", errors),
        refused=_slots(fields.get("refused", []), "refused", errors),
    )  # fmt: skip
    if not errors and until <= begin:
        errors["end_at"] = "after start_at"
    if errors:
        raise Unfit(errors)
    return wish


def _instant(value: Any, where: str, edition: Edition, errors: Errors) -> datetime:
    try:
        if isinstance(value, str) and len(value) <= 40:
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None:
                found = found.astimezone(UTC)
                if edition.opens_at - AROUND <= found <= edition.closes_at + AROUND:
                    return found
    except (ValueError, OverflowError):
        pass
    errors[where] = "an instant of the night, ISO 8601 with its offset"
    return edition.opens_at


def _place(value: Any, where: str, edition: Edition, errors: Errors) -> Place:
    sound = isinstance(value, list) and len(value) == 2 and all(type(one) in (int, float) for one in value)
    if sound and all(-180 <= one <= 180 for one in value):  # false for NaN, true of no infinity
        lon, lat = value
        if abs(lon - edition.start_lon) <= 1 and abs(lat - edition.start_lat) <= 1:
            return round(float(lon), 5), round(float(lat), 5)
    errors[where] = "[lon, lat] in degrees, within a degree of where the night starts"
    return edition.start_lon, edition.start_lat


def _party(value: Any, edition: Edition, errors: Errors) -> tuple[Person, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= edition.max_party:
        errors["party"] = f"a list of 1 to {edition.max_party} people"
        return ()
    return tuple(_person(one, f"party[{place}]", errors) for place, one in enumerate(value))


def _person(value: Any, where: str, errors: Errors) -> Person:
    band = value.get("age_band") if isinstance(value, dict) else None
    if not isinstance(value, dict) or set(value) - {"label", "age_band"} or not isinstance(value.get("label", ""), str):
        errors[where] = "an object with age_band and, if you like, label"
    elif not isinstance(band, str) or band not in AGE_BANDS:
        errors[f"{where}.age_band"] = "one of " + ", ".join(AGE_BANDS)
    else:
        return Person("", band)
    return Person("", "18+")


def _wishes(value: Any, errors: Errors) -> dict[str, int]:
    if not isinstance(value, list) or len(value) > MOST_WISHES:
        errors["wishes"] = f"a list of at most {MOST_WISHES}"
        return {}
    found: dict[str, int] = {}
    for place, one in enumerate(value):
        fields = one if isinstance(one, dict) and not set(one) - {"company", "score"} else {}
        slug, score = fields.get("company"), fields.get("score", 1)
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug) or slug in found:
            errors[f"wishes[{place}]"] = "an object with company, a slug named once, and score"
        elif type(score) is not int or not 1 <= score <= MOST_SCORE:
            errors[f"wishes[{place}].score"] = f"a whole number from 1 to {MOST_SCORE}"
        else:
            found[slug] = score
    return found


def _slots(value: Any, where: str, errors: Errors) -> frozenset[int]:
    is_list = isinstance(value, list) and len(value) <= MOST_SLOTS
    if not is_list or not all(type(one) is int and 0 < one < 2**62 for one in value):
        errors[where] = f"a list of at most {MOST_SLOTS} slot ids"
        return frozenset()
    return frozenset(value)
