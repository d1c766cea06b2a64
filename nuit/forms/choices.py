"""What a list offers: (value, words) pairs as WTForms wants them."""

from collections.abc import Iterable
from typing import Any

from wtforms.fields import SelectChoice

Pair = tuple[str, Any]


def offered(pairs: Iterable[Pair], group: str | None = None) -> list[SelectChoice]:
    """The choices, under a heading where there is one."""
    return [SelectChoice(value, words, optgroup=group) for value, words in pairs]


def values(field: Any) -> set[str]:
    """What may be chosen."""
    return {one.value for one in field.choices}
