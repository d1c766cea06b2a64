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
