"""The guided first time of a company: five short steps, what each asks for, and how far one is."""

from collections.abc import Iterable
from dataclasses import dataclass

STEPS = ("qui", "porte", "visite", "departs", "public")
"""The steps in their order, by the word in their address."""
MINUTES = {"qui": 2, "porte": 2, "visite": 2, "departs": 2, "public": 1}
"""What a company is told that a step takes: ten minutes in all, one of them to spare."""
ASKS = {
    "summary": "qui", "address": "porte", "place": "porte", "visit": "visite", "slot": "departs",
    "conditions": "public",
}  # fmt: skip
"""The step at which each thing that keeps a page from being published is given."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far a company is: the steps that still lack something; `has_visit` opens the last two."""

    open: tuple[str, ...]
    has_visit: bool

    @property
    def done(self) -> int:
        """How many steps lack nothing."""
        return len(STEPS) - len(self.open)

    @property
    def minutes(self) -> int:
        """What is left to do, in minutes."""
        return sum(MINUTES[one] for one in self.open)

    @property
    def next(self) -> str | None:
        """The first step that lacks something; None when all is there."""
        return self.open[0] if self.open else None

    def is_open(self, step: str) -> bool:
        """Whether this step lacks something."""
        return step in self.open

    def may(self, step: str) -> bool:
        """Whether one can go there: departures and conditions belong to a visit."""
        return self.has_visit or step not in ("departs", "public")

    def after(self, step: str) -> str | None:
        """The step that follows; None behind the last one."""
        rest = STEPS[STEPS.index(step) + 1 :]
        return rest[0] if rest else None


def way_of(missing: Iterable[str], *, has_visit: bool) -> Way:
    """How far somebody is who lacks these kinds of things (as `queries.desk.gaps` names them)."""
    lacking = {ASKS[kind] for kind in missing if kind in ASKS}
    if not has_visit:
        lacking |= {"visite", "departs", "public"}
    return Way(tuple(step for step in STEPS if step in lacking), has_visit)
