// The three calls of the door, each with its own patience. Only JSON of ours counts as an answer.

export class Api {
  #base;
  #token;
  #host;
  clock = 0;

  // `base` is the address of the API; `token` the paired phone's: without it the browser's own sign-in counts, and `host` says at which door.
  constructor(base, { token = null, host = null }) {
    this.#base = base;
    this.#token = token;
    this.#host = host;
  }

  // The server's time, as far as its last answer told.
  now() {
    return Date.now() + this.clock;
  }

  speaksFor(door) {
    return !this.#token || door === this.#host;
  }

  async scans(scans, waiting, door = this.#host) {
    const body = { now: new Date().toISOString(), scans, queue: waiting, ...(await battery()) };
    if (!this.#token) body.host = door;
    const { status, json } = await this.#call("/scans", { method: "POST", body: JSON.stringify(body) }, 8000);
    if (status === 200 && Array.isArray(json?.results)) {
      this.#learn(json.now);
      return { online: true, results: json.results };
    }
    return { online: json !== null, invalid: status === 422 && json !== null, large: status === 413, cut: isCut(status, json) };
  }

  // The roster, or null when it has not changed or cannot be had.
  async roster(etag) {
    const headers = etag ? { "If-None-Match": etag } : {};
    const { status, json, answer } = await this.#call(`/door/roster${this.#where()}`, { headers }, 15000);
    if (status !== 200 || !Array.isArray(json?.tickets)) return { roster: null, cut: isCut(status, json) };
    this.#learn(json.now);
    return { roster: json, etag: answer.headers.get("ETag") };
  }

  async search(words) {
    const query = this.#where("&") + `q=${encodeURIComponent(words)}`;
    const { status, json } = await this.#call(`/door/search${query}`, {}, 8000);
    return status === 200 && Array.isArray(json?.found) ? json.found : null;
  }

  // Who is inside: the house's count, and names for those who may read them; null without a network.
  async evacuation() {
    const { status, json } = await this.#call(`/door/evacuation${this.#where()}`, {}, 8000);
    return status === 200 && Array.isArray(json?.slots) ? json : null;
  }

  #where(more = "") {
    if (this.#token) return more ? "?" : "";
    return `?host=${encodeURIComponent(this.#host)}${more}`;
  }

  #learn(now) {
    const server = Date.parse(now);
    if (!Number.isNaN(server)) this.clock = server - Date.now();
  }

  async #call(path, options, patience) {
    const headers = { Accept: "application/json", ...(options.body ? { "Content-Type": "application/json" } : {}), ...options.headers };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    try {
      const answer = await fetch(this.#base + path, { ...options, headers, signal: AbortSignal.timeout(patience), redirect: "error" });
      const isJson = /^application\/(problem\+)?json\b/.test(answer.headers.get("Content-Type") ?? "");
      return { status: answer.status, json: isJson ? await answer.json() : null, answer };
    } catch {
      return { status: 0, json: null, answer: null };
    }
  }
}

// Only the house itself says so; a portal's 401 cuts nobody off.
const isCut = (status, json) => status === 401 && json?.type === "unauthorised";

// A pairing code turned into this phone's own token, once. Answers {device_token, host, …} or {problem}.
export async function pair(base, code, name) {
  try {
    const answer = await fetch(`${base}/devices`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ pairing_code: code, name }),
      redirect: "error",
    });
    const json = await answer.json();
    return answer.ok && json.device_token ? json : { problem: json.title ?? "" };
  } catch {
    return { problem: null };
  }
}

async function battery() {
  const power = await navigator.getBattery?.().catch(() => null);
  return power ? { battery: Math.round(power.level * 100) } : {};
}
