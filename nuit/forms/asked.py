"""A booking as a client of the API asks for it: every field known, of its type, within its length."""

from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email

from nuit.forms.fields import one_line
from nuit.forms.scan import Unfit
from nuit.i18n import LANGUAGES
from nuit.planning.evening import AGE_BANDS, MODES, Person

LARGEST_PARTY = LONGEST_EVENING = 50
"""Beyond any edition's own limits, which say so with a sentence of their own."""
LONGEST_KEY = 200
_FIELDS = {"name", "email", "locale", "mode", "party", "slots", "waits", "accept_conditions"}


@dataclass(frozen=True)
class Asked:
    """What a party asks for; `name`, `email` and labels are tidied, `slots` and `waits` are ids, each once."""

    name: str
    email: str
    locale: str
    mode: Any
    party: tuple[Person, ...]
    slots: tuple[int, ...]
    waits: tuple[int, ...] = ()


def booking_from(fields: dict[str, Any]) -> Asked:
    """The booking in a JSON object. Raises Unfit with all fields at fault at once."""
    errors: dict[str, str] = {name[:80]: "unknown field" for name in sorted(set(fields) - _FIELDS)}
    asked = Asked(
        name=_words(fields.get("name"), "name", 120, errors),
        email=_email(fields.get("email"), errors),
        locale=_one_of(fields.get("locale", "fr"), "locale", LANGUAGES, errors),
        mode=_one_of(fields.get("mode", "ebike25"), "mode", MODES, errors),
        party=_party(fields.get("party"), errors),
        slots=_slots(fields.get("slots"), "slots", errors, at_least=0 if fields.get("waits") else 1),
        waits=_slots(fields.get("waits", []), "waits", errors, at_least=0),
    )
    if fields.get("accept_conditions") is not True:
        errors["accept_conditions"] = "true: the conditions of every visit are accepted"
    if errors:
        raise Unfit(errors)
    return asked


def key_from(text: str | None) -> str | None:
    """The value of Idempotency-Key, None where there is none. Raises Unfit."""
    if text is None:
        return None
    if not 0 < len(text) <= LONGEST_KEY or not text.isascii() or not text.isprintable():
        raise Unfit({"Idempotency-Key": f"1 to {LONGEST_KEY} printable ASCII characters"})
    return text


def _words(value: Any, where: str, longest: int, errors: dict[str, str]) -> str:
    """Text on one line, as our forms keep it; a NUL or a lone surrogate is refused, never dropped in silence."""
    words = one_line(value) if isinstance(value, str) and len(value) <= 4 * longest else None
    if not words or len(words) > longest or not words.replace(" ", "").isprintable() or "\0" in value:
        errors[where] = f"1 to {longest} printable characters"
        return ""
    return words


def _email(value: Any, errors: dict[str, str]) -> str:
    try:
        if isinstance(value, str) and len(value) <= 254:
            return validate_email(value.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        pass
    errors["email"] = "a mail address"
    return ""


def _one_of(value: Any, where: str, known: tuple[str, ...], errors: dict[str, str]) -> str:
    if isinstance(value, str) and value in known:
        return value
    errors[where] = "one of " + ", ".join(known)
    return ""


def _party(value: Any, errors: dict[str, str]) -> tuple[Person, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= LARGEST_PARTY:
        errors["party"] = "a list of one person or more"
        return ()
    return tuple(_person(one, f"party[{place}]", errors) for place, one in enumerate(value))


def _person(value: Any, where: str, errors: dict[str, str]) -> Person:
    if not isinstance(value, dict):
        errors[where] = "an object with label and age_band"
        return Person("", "18+")
    errors |= {f"{where}.{name[:80]}": "unknown field" for name in sorted(set(value) - {"label", "age_band"})}
    label = _words(value.get("label"), f"{where}.label", 60, errors)
    band = _one_of(value.get("age_band"), f"{where}.age_band", tuple(AGE_BANDS), errors)
    return Person(label, band or "18+")


def _slots(value: Any, where: str, errors: dict[str, str], *, at_least: int) -> tuple[int, ...]:
    is_list = isinstance(value, list) and at_least <= len(value) <= LONGEST_EVENING
    if not is_list or not all(_is_id(one) for one in value) or len(set(value)) != len(value):
        errors[where] = "a list of slot ids, each once"
        return ()
    return tuple(value)


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def one_slot(fields: dict[str, Any]) -> int:
    """The slot to wait for: {"slot": id}. Raises Unfit."""
    return _ids(fields, "slot")[0]


def swap_from(fields: dict[str, Any]) -> tuple[int, int]:
    """The slot to give and the slot to take: {"from": id, "to": id}. Raises Unfit."""
    gone, taken = _ids(fields, "from", "to")
    return gone, taken


def _ids(fields: dict[str, Any], *names: str) -> list[int]:
    errors = {name[:80]: "unknown field" for name in sorted(set(fields) - set(names))}
    errors |= {name: "a slot's id" for name in names if not _is_id(fields.get(name))}
    if errors:
        raise Unfit(errors)
    return [fields[name] for name in names]


def instead_from(fields: dict[str, Any]) -> tuple[int, ...] | None:
    """The stops that go for an offer: {"instead": [id, …]}, None where the client leaves it to us. Raises Unfit."""
    errors = {name[:80]: "unknown field" for name in sorted(set(fields) - {"instead"})}
    found = _slots(fields["instead"], "instead", errors, at_least=0) if "instead" in fields else None
    if errors:
        raise Unfit(errors)
    return found


def label_from(fields: dict[str, Any]) -> str:
    """A person's new name: {"label": text}. Raises Unfit."""
    errors = {name[:80]: "unknown field" for name in sorted(set(fields) - {"label"})}
    label = _words(fields.get("label"), "label", 60, errors)
    if errors:
        raise Unfit(errors)
    return label
