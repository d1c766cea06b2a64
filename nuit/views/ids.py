"""Ids in addresses: figures that no database could hold name nothing, so they are 404 like any other unknown id."""

from werkzeug.routing import IntegerConverter

LONGEST = 18
"""Figures of 2^63, less one: what a column holds for certain."""


class Id(IntegerConverter):
    """A converter's own refusal would be 405 where only the method differs: 0 names nothing, whatever the method."""

    def to_python(self, value: str) -> int:
        return int(value) if len(value) <= LONGEST else 0
