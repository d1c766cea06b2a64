"""Spelling: accents as a database sees them, and a name as part of an address."""

import re
from collections.abc import Container

from nuit.planning.finding import fold

ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ"
PLAIN = "aaaaaaceeeeiiiinooooouuuuyy" * 2
"""Letter for letter what `fold` makes of ACCENTED, for the database's translate()."""
LONGEST_SLUG = 60

_JOINED = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "Œ": "oe", "Æ": "ae"})


def slug_of(text: str, taken: Container[str] = ()) -> str:
    """The text as part of an address, a figure behind it where that one is taken: "Câblerie de Sion" → "cablerie-de-sion"."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(text.translate(_JOINED)))[:LONGEST_SLUG].strip("-") or "sans-nom"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def glob_of(plain: str) -> str:
    """A GLOB pattern (SQLite) of every spelling that `fold` turns into a text holding `plain`: "ec" → "*[eéE…][cçC…]*"."""
    return "*" + "".join(_class(one) for one in plain) + "*"


def _class(letter: str) -> str:
    spelled = {letter, *(one for one, base in zip(ACCENTED, PLAIN, strict=True) if base == letter)}
    spelled |= {upper for one in spelled if len(upper := one.upper()) == 1}
    if spelled == {letter}:
        return f"[{letter}]" if letter in "*?[" else letter
    return f"[{''.join(sorted(spelled))}]"
