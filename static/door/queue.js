// Scans wait here until the server has named them in an answer of its own: a portal's page or a cut line empties nothing.

const BATCH = 100;
const SENT = ["nonce", "kind", "token", "code", "at", "given", "admit", "who", "override", "slot", "persons", "undo", "standby"];

export class Queue {
  #store;
  #api;
  #flushing = null;
  #again = false;
  length = 0;
  refused = 0;
  online = null;
  cut = false;
  ripe = () => true; // which scans may go yet
  onChange = () => {};
  onResult = () => {};

  constructor(store, api) {
    this.#store = store;
    this.#api = api;
  }

  async add(scan) {
    await this.#store.put(scan);
    await this.#count();
  }

  // Notes what the phone has shown, for a scan that is still waiting.
  async given(scan, word) {
    const waiting = (await this.#store.scans()).some((one) => one.nonce === scan.nonce);
    if (waiting) await this.#store.put({ ...scan, given: word });
  }

  // What can go now: a paired phone speaks for its own door only, whatever door it stood at before.
  async pending() {
    return (await this.#store.scans()).filter((scan) => !scan.refused && this.ripe(scan) && this.#api.speaksFor(scan.door));
  }

  // A newer app may be understood where an older one was not: what was set aside gets another try.
  async retry() {
    for (const { refused, ...scan } of await this.#store.scans()) if (refused) await this.#store.put(scan);
    await this.#count();
  }

  async nonces() {
    return new Set((await this.#store.scans()).map((scan) => scan.nonce));
  }

  async #count() {
    const all = await this.#store.scans();
    this.refused = all.filter((scan) => scan.refused).length;
    this.length = all.length - this.refused;
    this.onChange();
  }

  // One flush at a time; whoever calls meanwhile gets another round.
  flush() {
    if (this.#flushing) {
      this.#again = true;
      return this.#flushing;
    }
    this.#flushing = this.#rounds().finally(() => {
      this.#flushing = null;
      this.onChange();
    });
    return this.#flushing;
  }

  async #rounds() {
    do {
      this.#again = false;
      while (!this.cut && (await this.#round()));
    } while (this.#again && !this.cut);
  }

  // Sends one batch; true when more waits and the line is good.
  async #round() {
    const waiting = (await this.pending()).sort((a, b) => (a.at < b.at ? -1 : 1));
    if (!waiting.length) return false;
    const batch = waiting.filter((scan) => scan.door === waiting[0].door).slice(0, BATCH);
    const done = await this.#send(batch);
    await this.#count();
    return done && waiting.length > batch.length;
  }

  async #send(scans) {
    const answer = await this.#api.scans(scans.map(outward), Math.max(0, this.length - scans.length), scans[0].door);
    this.online = answer.online;
    this.cut = answer.cut ?? false;
    if (answer.invalid) return this.#oneByOne(scans);
    if (answer.large && scans.length > 1) return this.#halves(scans);
    if (!answer.results) return false;
    const named = new Set(answer.results.map((result) => result.nonce));
    await this.#store.drop(scans.map((scan) => scan.nonce).filter((nonce) => named.has(nonce)));
    for (const result of answer.results) this.onResult(result);
    return named.size > 0;
  }

  // Something on the way takes no letter of this size.
  async #halves(scans) {
    const middle = scans.length >> 1;
    return (await this.#send(scans.slice(0, middle))) && this.#send(scans.slice(middle));
  }

  // One scan that the server cannot read must not hold up the others: it is set aside, and counted.
  async #oneByOne(scans) {
    if (scans.length === 1) {
      await this.#store.put({ ...scans[0], refused: true });
      return true;
    }
    for (const scan of scans) if (!(await this.#send([scan]))) return false;
    return true;
  }
}

// A scan as the house reads it.
export function outward(scan) {
  return Object.fromEntries(SENT.filter((key) => scan[key] !== undefined && scan[key] !== null).map((key) => [key, scan[key]]));
}

export function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
