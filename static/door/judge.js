// The door's rule, the same as nuit/planning/door.py: one table of generated cases is run through both.
// Instants are milliseconds; a seat is {id, door, startsAt, endsAt, gone, goneAt}; entries is a Map from seat id.

export const ADMITTED = "admitted";
export const ALREADY_IN = "already_in";
export const ELSEWHERE = "elsewhere";
export const TOO_EARLY = "too_early";
export const TOO_LATE = "too_late";
export const CANCELLED = "cancelled";
export const REVOKED = "revoked";
export const UNKNOWN = "unknown";

const verdict = (word, seat = null, first = null, elsewhere = null, reason = "") =>
  ({ word, seat, first, elsewhere, reason });

const counts = (seat, at) => !seat.gone || (seat.goneAt !== null && at < seat.goneAt);
const opensAt = (seat, tolerance) => seat.startsAt - tolerance.early;
const shutsAt = (seat, tolerance) => seat.startsAt + tolerance.late;
const last = (list) => list[list.length - 1];

export function judge(ticket, door, now, tolerance, seats, entries) {
  if (ticket === null) return verdict(UNKNOWN);
  if (ticket.revokedAt !== null && ticket.revokedAt <= now) return verdict(REVOKED);
  const ordered = [...seats].sort((a, b) => a.startsAt - b.startsAt || a.id - b.id);
  const counting = ordered.filter((seat) => counts(seat, now) || entries.has(seat.id));
  const away = expected(counting.filter((seat) => seat.door !== door), now, tolerance, entries);
  const elsewhere = away ? away.id : null;
  const here = counting.filter((seat) => seat.door === door);
  if (here.length) return { ...atThisDoor(here, now, tolerance, entries), elsewhere };
  const lost = last(ordered.filter((seat) => seat.door === door && seat.gone !== "" && seat.gone !== "waiting"));
  if (lost) return verdict(lost.gone === "released" ? TOO_LATE : CANCELLED, lost.id, null, elsewhere, lost.gone);
  if (away) return verdict(ELSEWHERE, null, null, elsewhere);
  return verdict(CANCELLED, null, null, null, ordered.length ? last(ordered).gone : "none");
}

function atThisDoor(seats, now, tolerance, entries) {
  const isDue = (seat) => opensAt(seat, tolerance) <= now && now <= shutsAt(seat, tolerance);
  const fresh = seats.filter((seat) => !entries.has(seat.id));
  const inside = seats.filter((seat) => entries.has(seat.id) && (isDue(seat) || now < seat.endsAt));
  const coming = fresh.filter((seat) => now < opensAt(seat, tolerance));
  const due = fresh.find(isDue);
  if (due) return verdict(ADMITTED, due.id);
  if (inside.length || !fresh.length) {
    const seat = last(inside.length ? inside : seats);
    return verdict(ALREADY_IN, seat.id, entries.get(seat.id));
  }
  return coming.length ? verdict(TOO_EARLY, coming[0].id) : verdict(TOO_LATE, last(fresh).id);
}

function expected(seats, now, tolerance, entries) {
  const still = seats.find((seat) => !entries.has(seat.id) && now <= shutsAt(seat, tolerance));
  return still ?? last(seats) ?? null;
}
