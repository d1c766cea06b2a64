// From a code to a verdict, in less than 300 ms: whoever answers first, the server or, a moment later, the phone's own list.
// What the server says afterwards replaces a different answer on the screen; the scan waits in the queue until then.
import { nonce, outward } from "./queue.js";
import { PARTY, codeIn, decode, tokenIn } from "./token.js";

const QUIET = 8000; // ms after a code before anything but codes may happen
const SAME_CODE = 2500; // ms out of sight before the same code counts as a new scan
const PATIENCE = { known: 180, failing: 0, blind: 8000 }; // ms for the server, with a good line, a bad one, or without a list

export class CheckIn {
  #door;
  #queue;
  #api;
  #alone;
  #roster;
  #screen;
  #expecting = new Map();
  #undone = new Map();
  #seen = { text: "", at: 0 };
  #current = null;
  #shown = "";
  exits = false; // codes that are read let people out
  #last = -Infinity;
  #taken = 0;

  // `door` is the host's slug; `screen` has show(result) and ask(result, admit).
  constructor({ door, queue, api, alone, roster, screen }) {
    this.#door = door;
    this.#queue = queue;
    this.#api = api;
    this.#alone = alone;
    this.#roster = roster;
    this.#screen = screen;
  }

  // Whatever the camera or a hand scanner reads; a code that stays in sight counts once.
  read(text, taken = performance.now()) {
    const at = performance.now();
    this.#taken = taken;
    const again = text === this.#seen.text && at - this.#seen.at < SAME_CODE;
    this.#seen = { text, at };
    return again ? null : this.#take(text);
  }

  // Whether a code has been read, or waits for its answer, in the last moments.
  get busy() {
    return performance.now() - this.#last < QUIET;
  }

  #take(text) {
    this.#last = performance.now();
    const token = tokenIn(text);
    if (!token) return codeIn(text) ? this.typed(text) : this.#tell({ verdict: "unknown" });
    if (this.exits) return this.#one({ token }, { kind: "out" });
    return decode(token).kind === PARTY ? this.#party({ token }) : this.#one({ token });
  }

  // A typed code; false when it is none.
  async typed(text) {
    const code = codeIn(text);
    if (!code) return false;
    if (this.exits) return this.#one({ code }, { kind: "out" }).then(() => true);
    const people = this.#roster.known ? await this.#roster.ofCode(code) : null;
    await (people && !people.party ? this.#one({ code }) : this.#party({ code }));
    return true;
  }

  // The people of the last verdict come in for a reason, whatever the rule says.
  overrule(reason) {
    const slot = this.#roster.known ? (this.#roster.current(this.#api.now())?.id ?? null) : null;
    return this.#one(codeOf(this.#current), { who: this.#current.who, override: { reason }, slot });
  }

  letOut() {
    return this.#one(codeOf(this.#current), { who: this.#current.who, kind: "out" });
  }

  undo(reason) {
    return this.#one({}, { kind: "undo", undo: this.#current.nonce, override: { reason } });
  }

  // `standby` is the nonce of those who waited.
  walkIn(slot, persons, standby = null) {
    return this.#one({}, { kind: "walk_in", slot, persons, standby });
  }

  wait(slot, persons) {
    return this.#one({}, { kind: "standby", slot, persons });
  }

  // Another departure: only the house knows whether it has places, so nothing is promised without a network.
  async move(slot, reason) {
    const scan = { nonce: nonce(), ...codeOf(this.#current), who: this.#current.who, kind: "move", slot, override: { reason }, at: new Date().toISOString() };
    const { results } = await this.#api.scans([outward(scan)], this.#queue.length, this.#door);
    this.#tell(results ? { ...results[0], to: this.#roster.slot(slot)?.startsAt } : { verdict: "no_line" }, results ? scan : this.#current);
  }

  async #one(what, more = {}) {
    const scan = { nonce: nonce(), door: this.#door, ...what, at: new Date().toISOString(), ...more };
    if (scan.undo) this.#undone.set(scan.nonce, scan.undo);
    await this.#queue.add(scan);
    const answer = new Promise((resolve) => this.#expecting.set(scan.nonce, resolve));
    this.#queue.flush();
    const result = (await within(answer, this.#patience())) ?? (await measured("judge", () => this.#alone.judge(scan)));
    if (result.offline && scan.kind !== "undo") await this.#queue.given(scan, result.verdict === "unlisted" ? "unknown" : result.verdict);
    this.#tell(result, scan);
    if (result.offline) answer.then((late) => this.#current?.nonce === scan.nonce && this.#tell(late, scan, true));
  }

  // First who they are and who may come in; then those who are there.
  async #party(what) {
    const look = { nonce: nonce(), ...what, at: new Date().toISOString(), admit: 0 };
    const sent = this.#api.scans([look], this.#queue.length).then(({ results }) => results?.[0] ?? null);
    const result = (await within(sent, this.#patience())) ?? (await this.#alone.look(look));
    const may = result?.tickets?.filter((one) => one.verdict === "admitted").length ?? 0;
    if (may > 1 || (may && result.tickets.length > 1)) return this.#screen.ask(result, (who) => this.#one(what, { who }));
    return result && !may && result.verdict !== "admitted" ? this.#tell(result, look) : this.#one(what);
  }

  // The volunteer lets in whom the list does not know.
  async letIn() {
    const scan = this.#current;
    await this.#queue.given(scan, "admitted");
    this.#tell({ verdict: "admitted", offline: true, listed_at: this.#roster.at }, scan);
    this.#queue.flush();
  }

  // An answer of the server, early or late; who is in by it is in for this phone too, should the line go next.
  answered(result) {
    const now = this.#api.now();
    for (const one of result.tickets ?? [result]) this.#note(one, result, now);
    this.#expecting.get(result.nonce)?.(result);
    this.#expecting.delete(result.nonce);
  }

  #note(one, { kind, nonce: by, undone }, now) {
    if (undone || kind === "undo") this.#roster.takeBack(kind === "undo" ? this.#undone.get(by) : by);
    else if (kind === "out") one.verdict === "left" && this.#roster.leaveTicket(one.ticket, now, by);
    else if (one.entered ?? one.verdict === "admitted") this.#roster.enterTicket(one.ticket, one.slot, now, by);
  }

  // `late` is the server's word on what the phone has shown already: heard again only where it differs.
  #tell(result, scan = null, late = false) {
    const quiet = late && this.#shown === result.verdict;
    this.#current = scan;
    this.#shown = result.verdict;
    if (!late) requestAnimationFrame(() => performance.measure("frame to word", { start: this.#taken }));
    this.#screen.show({ ...result, kind: scan?.kind ?? "in", own: scan, quiet, notes: this.#roster.slot(result.slot)?.notes ?? [] });
  }

  #patience() {
    if (!this.#roster.known) return PATIENCE.blind;
    if (navigator.onLine === false) return 0;
    return this.#queue.online === false ? PATIENCE.failing : PATIENCE.known;
  }
}

// What the benches read: how long the phone takes, from the frame to the word and to judge alone.
async function measured(name, act) {
  const start = performance.now();
  const result = await act();
  performance.measure(name, { start });
  return result;
}

const codeOf = ({ token, code }) => (token ? { token } : { code });

const within = (promise, ms) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, ms, null))]);
