// The door's rule, the same as nuit/planning/door.py: one table of generated cases is run through both.
// Instants are milliseconds; a seat is {id, door, startsAt, endsAt, gone, goneAt, lateUntil}; entries is a Map from seat id to
// {seat, at, door, nonce, leftAt}, where leftAt is null while the person is inside; guest is such an entry without a seat.

export const ADMITTED = "admitted";
export const ALREADY_IN = "already_in";
export const ELSEWHERE = "elsewhere";
export const TOO_EARLY = "too_early";
export const TOO_LATE = "too_late";
export const CANCELLED = "cancelled";
export const REVOKED = "revoked";
export const UNKNOWN = "unknown";
export const LEFT = "left";
export const NOT_IN = "not_in";
export const BACK = "back";

export const MAY_BE_LET_IN = [TOO_EARLY, TOO_LATE, ELSEWHERE, CANCELLED];

const verdict = (word, seat = null, first = null, elsewhere = null, reason = "") =>
  ({ word, seat, first, elsewhere, reason });

const counts = (seat, at) => !seat.gone || (seat.goneAt !== null && at < seat.goneAt);
const opensAt = (seat, tolerance) => seat.startsAt - tolerance.early;
const shutsAt = (seat, tolerance) => Math.max(seat.startsAt + tolerance.late, seat.lateUntil ?? 0);
const last = (list) => list[list.length - 1];

const isIn = (entry) => (entry.leftAt ?? null) === null; // what an older version of the app kept has no leftAt
const byHour = (seats) => [...seats].sort((a, b) => a.startsAt - b.startsAt || a.id - b.id);

export function judge(ticket, door, now, tolerance, seats, entries, guest = null) {
  if (ticket === null) return verdict(UNKNOWN);
  if (ticket.revokedAt !== null && ticket.revokedAt <= now) return verdict(REVOKED);
  const said = bySeats(door, now, tolerance, seats, entries);
  const isGuest = guest !== null && isIn(guest) && MAY_BE_LET_IN.includes(said.word);
  return isGuest ? verdict(ALREADY_IN, null, guest, said.elsewhere) : said;
}

// What somebody who goes out is told; `first` is the entry that ends.
export function judgeOut(ticket, door, seats, entries, guest = null) {
  if (ticket === null) return verdict(UNKNOWN);
  const inside = byHour(seats).filter((seat) => seat.door === door && entries.has(seat.id) && isIn(entries.get(seat.id)));
  const ends = inside.length ? entries.get(last(inside).id) : guest !== null && isIn(guest) ? guest : null;
  return ends ? verdict(LEFT, ends.seat, ends) : verdict(NOT_IN);
}

function bySeats(door, now, tolerance, seats, entries) {
  const ordered = byHour(seats);
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

// Whoever is in a visit that runs is in; then come a seat that is due, one left for a while, one that ends, others.
function atThisDoor(seats, now, tolerance, entries) {
  const isDue = (seat) => opensAt(seat, tolerance) <= now && now <= shutsAt(seat, tolerance);
  const entered = seats.filter((seat) => entries.has(seat.id));
  const fresh = seats.filter((seat) => !entries.has(seat.id));
  const lasting = entered.filter((seat) => now < seat.endsAt);
  const running = lasting.filter((seat) => isIn(entries.get(seat.id)));
  const due = fresh.find(isDue);
  if (due && !running.length) return verdict(ADMITTED, due.id);
  const away = last(lasting);
  if (away && !running.length) return verdict(ADMITTED, away.id, entries.get(away.id), null, BACK);
  const inside = last(running) ?? last(entered.filter(isDue)) ?? (fresh.length ? null : last(entered));
  if (inside) return verdict(ALREADY_IN, inside.id, entries.get(inside.id));
  const coming = fresh.find((seat) => now < opensAt(seat, tolerance));
  return coming ? verdict(TOO_EARLY, coming.id) : verdict(TOO_LATE, last(fresh).id);
}

function expected(seats, now, tolerance, entries) {
  const still = seats.find((seat) => !entries.has(seat.id) && now <= shutsAt(seat, tolerance));
  return still ?? last(seats) ?? null;
}
