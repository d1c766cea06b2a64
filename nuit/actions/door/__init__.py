"""The door's one verb: every gesture of a volunteer leaves a row, whatever the verdict."""

from nuit.actions.door.checkin import check_in, check_in_by_phone
from nuit.actions.door.outcome import Gate, Outcome, Recorded, gate_of, opening_of

__all__ = ["Gate", "Outcome", "Recorded", "check_in", "check_in_by_phone", "gate_of", "opening_of"]
