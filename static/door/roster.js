// The list of the evening as the door keeps it: truncated hashes and hours, enough to judge without a network.
import { judge } from "./judge.js";
import { rosterName, rosterNameOfCode } from "./token.js";

export class Roster {
  #tickets = new Map();
  #byId = new Map();
  #parties = new Map();
  #codes = new Map();
  #slots = new Map();
  #came = new Map();
  #revoked = new Map();
  #salt = "";
  at = null;

  // `roster` is the answer of GET /api/v1/door/roster.
  take(roster) {
    this.at = Date.parse(roster.now);
    this.door = roster.host.id;
    this.edition = roster.edition.id;
    this.lastDay = Date.parse(roster.edition.last_day);
    this.key = roster.public_key;
    this.#salt = roster.salt;
    this.tolerance = { early: roster.tolerance.early * 1000, late: roster.tolerance.late * 1000 };
    this.doors = roster.doors;
    this.countsExits = roster.counts_exits ?? false;
    this.standby = roster.standby ?? [];
    this.#slots = new Map(roster.slots.map((slot) => [slot.id, { ...slot, startsAt: Date.parse(slot.starts_at), endsAt: Date.parse(slot.ends_at) }]));
    this.#revoked = new Map(roster.revoked.map(([name, since]) => [name, since * 1000]));
    this.#index(roster.tickets);
  }

  #index(tickets) {
    this.#tickets = new Map(tickets.map((ticket) => [ticket.t, ticket]));
    this.#codes = new Map();
    this.#parties = new Map();
    this.#byId = new Map(tickets.map((ticket) => [ticket.i, ticket]));
    for (const ticket of tickets) {
      for (const [slot, , until] of ticket.e ?? []) this.#listedNow(`${ticket.t}/${slot}`, until);
      this.#code(ticket.c, ticket.t);
      this.#code(ticket.d, ticket.p);
      this.#parties.set(ticket.p, [...(this.#parties.get(ticket.p) ?? []), ticket]);
    }
  }

  // What the list tells too need not be remembered; a way out that the list has not heard of must.
  #listedNow(name, until) {
    if (until || (this.#came.get(name)?.leftAt ?? null) === null) this.#came.delete(name);
  }

  // Two codes of one name are nobody's: only the server can tell them apart.
  #code(name, whose) {
    this.#codes.set(name, this.#codes.has(name) && this.#codes.get(name) !== whose ? null : whose);
  }

  // Nothing is known any more.
  forget() {
    this.at = null;
    for (const map of [this.#slots, this.#revoked, this.#came]) map.clear();
    this.#index([]);
  }

  get known() {
    return this.at !== null;
  }

  slot(id) {
    return this.#slots.get(id) ?? null;
  }

  // This door's departures by hour, with those who came in or went out as far as this phone knows.
  departures() {
    const mine = [...this.#slots.values()].filter((slot) => slot.door === this.door && slot.status !== "cancelled");
    const fresh = [...this.#came.values()];
    return mine.map((slot) => counted(slot, fresh.filter((one) => one.slot === slot.id))).sort((a, b) => a.startsAt - b.startsAt);
  }

  // The departure that the door is busy with.
  current(now) {
    const all = this.departures();
    return all.find((slot) => now < slot.startsAt + this.tolerance.late) ?? all.at(-1) ?? null;
  }

  // Everybody inside now, as far as is known: those of visits that run, or where exits are counted of all.
  inside(now) {
    return this.departures()
      .filter((slot) => this.countsExits || (slot.startsAt - this.tolerance.early <= now && now < slot.endsAt))
      .filter((slot) => slot.inside > 0);
  }

  // The people behind a code: {party, tickets}, or null when the list does not hold it.
  async ofIdentity(id) {
    return this.#people(await rosterName(id));
  }

  async ofCode(code) {
    return this.#people(this.#codes.get(await rosterNameOfCode(code, this.#salt)));
  }

  #people(name) {
    if (this.#tickets.has(name)) return { party: false, tickets: [this.#tickets.get(name)] };
    return this.#parties.has(name) ? { party: true, tickets: this.#parties.get(name) } : null;
  }

  judge(ticket, now) {
    const seats = this.#seats(ticket);
    const entries = new Map();
    for (const seat of seats) {
      const came = this.#came.get(`${ticket.t}/${seat.slot}`) ?? this.#listed(ticket, seat);
      if (came) entries.set(seat.id, came);
    }
    const guest = this.#came.get(`${ticket.t}/guest/${this.door}`) ?? null;
    const verdict = judge({ revokedAt: this.#revoked.get(ticket.t) ?? null }, this.door, now, this.tolerance, seats, entries, guest);
    return { ...verdict, seat: seats[verdict.seat] ?? null, elsewhere: seats[verdict.elsewhere] ?? null };
  }

  #seats(ticket) {
    const all = [...ticket.s.map((slot) => [slot, "", null]), ...(ticket.g ?? [])];
    const late = new Map((ticket.l ?? []).map(([slot, until]) => [slot, until * 1000]));
    return all
      .filter(([slot]) => this.#slots.has(slot))
      .map(([id, gone, goneAt], place) => {
        const slot = this.#slots.get(id);
        return { id: place, slot: id, door: slot.door, startsAt: slot.startsAt, endsAt: slot.endsAt, gone, goneAt: goneAt === null ? null : goneAt * 1000, lateUntil: late.get(id) ?? null };
      });
  }

  #listed(ticket, seat) {
    const found = (ticket.e ?? []).find(([slot]) => slot === seat.slot);
    return found ? { at: found[1] * 1000, door: seat.door, leftAt: found[2] ? found[2] * 1000 : null } : null;
  }

  // Somebody came in here: known at once, without waiting for the next list.
  enter(name, slot, at, nonce) {
    this.#came.set(`${name}/${slot}`, { at, door: this.door, slot, nonce, leftAt: null });
  }

  // The same by the ticket's number, as the server's answers tell it.
  enterTicket(id, slot, at, nonce) {
    const ticket = this.#byId.get(id);
    if (ticket && slot !== null && !this.#listed(ticket, { slot })) this.enter(ticket.t, slot, at, nonce);
  }

  // Somebody goes out; whether they were inside here.
  leave(ticket, at, nonce) {
    const places = [...this.#seats(ticket).filter((seat) => seat.door === this.door).map((seat) => [`${ticket.t}/${seat.slot}`, this.#listed(ticket, seat), seat.slot]), [`${ticket.t}/guest/${this.door}`, null, null]];
    let was = false;
    for (const [name, listed, slot] of places) {
      const entry = this.#came.get(name) ?? listed;
      if (!entry || (entry.leftAt ?? null) !== null) continue;
      this.#came.set(name, { ...entry, slot, listed: listed !== null, leftAt: at, out: nonce });
      was = true;
    }
    return was;
  }

  leaveTicket(id, at, nonce) {
    const ticket = this.#byId.get(id);
    if (ticket) this.leave(ticket, at, nonce);
  }

  // People without a ticket.
  walk(nonce, slot, persons) {
    this.#came.set(`walk/${nonce}`, { slot, persons, nonce, leftAt: null });
  }

  // What one scan has done is undone.
  takeBack(nonce) {
    for (const [name, entry] of this.#came) {
      if (entry.nonce === nonce) this.#came.delete(name);
      else if (entry.out === nonce) this.#came.set(name, { ...entry, leftAt: null, out: undefined });
    }
  }

  // People whom the house has counted by now: only those of scans that still wait are counted here.
  settle(waiting) {
    for (const [name, entry] of this.#came) if (name.startsWith("walk/") && !waiting.has(entry.nonce)) this.#came.delete(name);
  }

  get came() {
    return [...this.#came];
  }

  set came(pairs) {
    this.#came = new Map(pairs);
  }
}

function counted(slot, fresh) {
  const came = fresh.filter((one) => !one.persons && !one.listed && one.leftAt === null).length;
  const gone = fresh.filter((one) => !one.persons && one.listed && one.leftAt !== null).length;
  const walked = fresh.reduce((sum, one) => sum + (one.persons ?? 0), 0);
  return { ...slot, entered: slot.entered + came, inside: (slot.inside ?? slot.entered) + came + walked - gone, walked_in: (slot.walked_in ?? 0) + walked, left: Math.max(0, (slot.left ?? 0) - walked) };
}
