"""A batch of scans and a pairing, as a phone sends them: every field known, of its type, within its length."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nuit.planning.door import ANSWERS
from nuit.planning.presence import IN, KINDS, MOVE, OUT, STANDBY, UNDO, WALK_IN, Reading

LARGEST_BATCH = 500
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_BATCH = {"now", "scans", "host", "battery", "queue"}
_CODE = {"token", "code", "who"}
_SCAN = {
    IN: {*_CODE, "admit", "override", "slot"},
    OUT: {*_CODE, "slot", "persons"},
    MOVE: {*_CODE, "override", "slot"},
    UNDO: {"undo", "override"},
    WALK_IN: {"slot", "persons", "standby"},
    STANDBY: {"slot", "persons"},
}
"""What each kind may say beside nonce, kind, at and given."""


class Unfit(ValueError):
    """The fields at fault, each with what is wrong: nothing was written."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Batch:
    """`sent_at` is the phone's own time; `host` (a company's slug) only where a member scans without a paired phone."""

    sent_at: datetime
    readings: tuple[Reading, ...]
    host: str
    battery: int | None
    queue: int | None


def batch_from(fields: dict[str, Any]) -> Batch:
    """The batch in a JSON object. Raises Unfit."""
    _only(fields, _BATCH, "")
    scans = fields.get("scans")
    if not isinstance(scans, list) or not 0 < len(scans) <= LARGEST_BATCH:
        raise Unfit({"scans": f"a list of 1 to {LARGEST_BATCH} scans"})
    return Batch(
        sent_at=_instant(fields.get("now"), "now"),
        readings=tuple(_reading(one, f"scans[{place}]") for place, one in enumerate(scans)),
        host=_text(fields.get("host", ""), "host", 80),
        battery=_count(fields.get("battery"), "battery", 100),
        queue=_count(fields.get("queue"), "queue", 1_000_000),
    )


def _reading(fields: Any, where: str) -> Reading:
    if not isinstance(fields, dict):
        raise Unfit({where: "an object"})
    kind = fields.get("kind", IN)
    if kind not in KINDS:
        raise Unfit({f"{where}.kind": f"one of {', '.join(KINDS)}"})
    _only(fields, _SCAN[kind] | {"nonce", "kind", "at", "given"}, f"{where}.")
    given = fields.get("given") or ""
    if given not in ("", *ANSWERS):
        raise Unfit({f"{where}.given": "one of the verdicts"})
    reading = Reading(
        nonce=_nonce(fields.get("nonce"), f"{where}.nonce"),
        at=_instant(fields.get("at"), f"{where}.at"),
        token=_text(fields.get("token", ""), f"{where}.token", 512),
        code=_text(fields.get("code", ""), f"{where}.code", 64),
        given=given,
        admit=_count(fields.get("admit"), f"{where}.admit", 99),
        who=_who(fields.get("who"), f"{where}.who"),
        reason=_reason(fields.get("override"), f"{where}.override"),
        kind=kind,
        slot=_count(fields.get("slot"), f"{where}.slot", 2**63 - 1),
        persons=_count(fields.get("persons"), f"{where}.persons", 99),
        target=_target(fields, where),
    )
    _whole(reading, fields, where)
    return reading


def _whole(reading: Reading, fields: dict[str, Any], where: str) -> None:
    """What each kind needs: a code, or a departure and a number of people, or the scan it takes back."""
    counted = reading.kind in (WALK_IN, STANDBY) or (reading.kind == OUT and "persons" in fields)
    if counted and (not reading.persons or not reading.slot):
        raise Unfit({f"{where}.persons": "at least one person, at a slot"})
    if reading.kind != UNDO and ("token" in fields) + ("code" in fields) != (0 if counted else 1):
        raise Unfit({f"{where}.token": "either token or code" if not counted else "no code where persons are counted"})
    if reading.kind == MOVE and not reading.slot:
        raise Unfit({f"{where}.slot": "the departure they move to"})
    if reading.kind == UNDO and not reading.target:
        raise Unfit({f"{where}.undo": "the nonce of the scan that is taken back"})
    if reading.kind in (UNDO, MOVE) and not reading.reason:
        raise Unfit({f"{where}.override": "an object with a reason"})


def _nonce(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _NONCE.fullmatch(value):
        raise Unfit({where: "8 to 64 letters, digits, - or _"})
    return value


def _target(fields: dict[str, Any], where: str) -> str:
    name = next((one for one in ("undo", "standby") if fields.get(one) is not None), None)
    return _nonce(fields[name], f"{where}.{name}") if name else ""


def _only(fields: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(fields) - known)
    if unknown:
        raise Unfit({f"{where}{unknown[0][:80]}": "unknown field"})


def _instant(value: Any, where: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        if instant is not None and instant.tzinfo is not None and 1970 <= instant.year <= 2200:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unfit({where: "an ISO 8601 instant with its offset"})


def _text(value: Any, where: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise Unfit({where: f"at most {longest} printable characters"})
    return value


def _count(value: Any, where: str, highest: int) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= highest:
        raise Unfit({where: f"a whole number from 0 to {highest}"})
    return value


def _who(value: Any, where: str) -> frozenset[int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 0 < len(value) <= 99:
        raise Unfit({where: "a list of 1 to 99 ticket ids"})
    for one in value:
        if type(one) is not int or not 0 < one < 2**63:
            raise Unfit({where: "ticket ids"})
    return frozenset(value)


def _reason(value: Any, where: str) -> str:
    if value is None:
        return ""
    reason = value.get("reason") if isinstance(value, dict) and set(value) == {"reason"} else None
    if not isinstance(reason, str) or not reason.strip():
        raise Unfit({where: "an object with a reason"})
    return _text(reason.strip(), where, 200)


def pairing_from(fields: dict[str, Any]) -> tuple[str, str]:
    """(pairing code, name of the phone) in a JSON object. Raises Unfit."""
    _only(fields, {"pairing_code", "name"}, "")
    code = _text(fields.get("pairing_code"), "pairing_code", 64)
    return code, _text(fields.get("name", ""), "name", 60).strip()
