"""The door's one verb: every gesture of a volunteer leaves a row, whatever the verdict."""

from nuit.actions.door.checkin import check_in
from nuit.actions.door.outcome import Gate, Outcome

__all__ = ["Gate", "Outcome", "check_in"]
