// The phone's own verdict, from the list it keeps, in the form of the server's answers.
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

  // What the scan means by the list; whoever comes in is known here at once.
  async judge(scan) {
    const people = await this.#people(scan);
    if (!people) return { verdict: "unknown", offline: true };
    if (!people.tickets) return { verdict: "unlisted", offline: true, listed_at: this.#roster.at };
    const all = this.#judged(people.tickets);
    const named = all.filter((one) => !scan.who || scan.who.includes(one.ticket));
    const entering = named.filter((one) => one.verdict === "admitted");
    const now = this.#api.now();
    for (const one of entering) this.#roster.enter(one.name, one.slot, now);
    await this.#store.write("came", this.#roster.came);
    const told = { ...(entering[0] ?? named[0]), offline: true, listed_at: this.#roster.at };
    return people.party ? { ...told, tickets: all.map((one) => ({ ...one, entered: entering.includes(one) })) } : told;
  }

  // A party's people and whether they may enter, without anybody entering; null for anything but a party of the list.
  async look(scan) {
    const people = await this.#people(scan);
    if (!people?.party) return null;
    const tickets = this.#judged(people.tickets);
    return { ...(tickets.find((one) => one.verdict === "admitted") ?? tickets[0]), tickets, offline: true, listed_at: this.#roster.at };
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

  #judged(tickets) {
    const now = this.#api.now();
    return tickets.map((ticket) => this.#answer(ticket, this.#roster.judge(ticket, now), now));
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
