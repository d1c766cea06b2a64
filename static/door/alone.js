// The phone's own verdict, from the list it keeps, in the form of the server's answers.
import { MAY_BE_LET_IN } from "./judge.js";
import { bytesOf, decode, holds } from "./token.js";

export class Alone {
  #roster;
  #store;
  #api;

  constructor(roster, store, api) {
    this.#roster = roster;
    this.#store = store;
    this.#api = api;
  }

  // What the scan means by the list; whoever comes in or goes out is known here at once.
  async judge(scan) {
    const told = await (KINDS[scan.kind] ?? KINDS.in)(this, scan);
    await this.#store.write("came", this.#roster.came);
    return { ...told, offline: true, listed_at: this.#roster.at };
  }

  // A party's people and whether they may enter, without anybody entering; null for anything but a party of the list.
  async look(scan) {
    const people = await this.#people(scan);
    if (!people?.party) return null;
    const tickets = this.#judged(people.tickets, scan);
    return { ...(tickets.find((one) => one.verdict === "admitted") ?? tickets[0]), tickets, offline: true, listed_at: this.#roster.at };
  }

  async comeIn(scan) {
    const people = await this.#people(scan);
    if (!people?.tickets) return { verdict: people ? "unlisted" : "unknown" };
    const all = this.#judged(people.tickets, scan);
    const named = all.filter((one) => !scan.who || scan.who.includes(one.ticket));
    const entering = named.filter((one) => one.verdict === "admitted");
    const now = this.#api.now();
    for (const one of entering) this.#roster.enter(one.name, one.slot ?? `guest/${this.#roster.door}`, now, scan.nonce);
    const told = entering[0] ?? named[0];
    return people.party ? { ...told, tickets: all.map((one) => ({ ...one, entered: entering.includes(one) })) } : told;
  }

  async goOut(scan) {
    const people = await this.#people(scan);
    if (!people?.tickets) return { verdict: "unknown" };
    const now = this.#api.now();
    const all = people.tickets.map((ticket) => ({ ticket: ticket.i, who: ticket.w ?? null, verdict: this.#roster.leave(ticket, now, scan.nonce) ? "left" : "not_in" }));
    const told = all.find((one) => one.verdict === "left") ?? all[0];
    return people.party ? { ...told, tickets: all } : told;
  }

  takeBack(scan) {
    this.#roster.takeBack(scan.undo);
    return { verdict: "undone" };
  }

  walkIn(scan) {
    const slot = this.#roster.departures().find((one) => one.id === scan.slot);
    if (!slot || slot.left < scan.persons) return { verdict: "full", slot: scan.slot, persons: scan.persons, left: slot?.left ?? 0 };
    this.#roster.walk(scan.nonce, scan.slot, scan.persons);
    return { verdict: "admitted", slot: scan.slot, persons: scan.persons, left: slot.left - scan.persons };
  }

  wait(scan) {
    return { verdict: "standby", slot: scan.slot, persons: scan.persons };
  }

  // Whom a scan is about: null where it is not ours, without `tickets` where it is ours but not listed.
  async #people(scan) {
    if (!this.#roster.known) return null;
    if (scan.code) return this.#roster.ofCode(scan.code);
    const ticket = decode(scan.token);
    const current = ticket.edition === this.#roster.edition && ticket.lastDay >= this.#roster.lastDay;
    if (!current || !(await holds(ticket, bytesOf(this.#roster.key)))) return null;
    return (await this.#roster.ofIdentity(ticket.id)) ?? {};
  }

  #judged(tickets, scan) {
    const now = this.#api.now();
    return tickets.map((ticket) => overruled(this.#answer(ticket, this.#roster.judge(ticket, now), now), scan));
  }

  #answer(ticket, { word, seat, first, reason, elsewhere }, now) {
    const { doors, door, tolerance } = this.#roster;
    const there = elsewhere && doors[elsewhere.door];
    return {
      verdict: word,
      name: ticket.t,
      ticket: ticket.i,
      slot: seat?.slot ?? null,
      starts_at: seat?.startsAt ?? null,
      opens_at: seat ? seat.startsAt - tolerance.early : null,
      gone_at: seat?.goneAt ?? null,
      reason,
      who: ticket.w ?? null,
      first: first && { at: first.at, here: first.door === door, door: doors[first.door]?.company ?? "" },
      elsewhere: there && {
        company: there.company,
        starts_at: elsewhere.startsAt,
        minutes: there.minutes,
        possible: now + there.minutes * 60_000 <= elsewhere.startsAt + tolerance.late,
      },
    };
  }
}

const KINDS = {
  in: (alone, scan) => alone.comeIn(scan),
  out: (alone, scan) => alone.goOut(scan),
  undo: (alone, scan) => alone.takeBack(scan),
  walk_in: (alone, scan) => alone.walkIn(scan),
  standby: (alone, scan) => alone.wait(scan),
};

function overruled(answer, scan) {
  const concerned = !scan.who || scan.who.includes(answer.ticket);
  return scan.override && concerned && MAY_BE_LET_IN.includes(answer.verdict) ? { ...answer, verdict: "admitted", reason: "override" } : answer;
}
