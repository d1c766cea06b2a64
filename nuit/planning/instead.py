"""What could stand in for a slot that cannot be had: other departures with which the evening still holds."""

from collections.abc import Collection, Mapping, Sequence

from nuit.planning.evening import Departure, Person, Ride, faults

MOST = 6


def instead(
    evening: Sequence[Departure],
    at_fault: Collection[int],
    offered: Mapping[int, Sequence[Departure]],
    *,
    party: Sequence[Person],
    ride: Ride,
    gone: bool,
) -> list[int]:
    """Ids of departures that can replace one of the slots at fault, the nearest in time first, at most six.

    `offered` holds the candidates for each slot at fault. With `gone` none of the slots at fault can be had (they are
    full); otherwise they only do not go together, and replacing one is enough.
    """
    near: dict[int, float] = {}
    for slot in (one for one in evening if one.slot in at_fault):
        dropped = at_fault if gone else (slot.slot,)
        kept = [one for one in evening if one.slot not in dropped]
        for other in offered.get(slot.slot, ()):
            if any(other.slot == one.slot for one in evening) or faults([*kept, other], party, ride):
                continue
            apart = abs((other.starts_at - slot.starts_at).total_seconds())
            near[other.slot] = min(apart, near.get(other.slot, apart))
    return sorted(near, key=lambda slot: (near[slot], slot))[:MOST]
