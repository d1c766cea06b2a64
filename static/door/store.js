// What the phone keeps: the queue of scans, the roster, who came in. No name, address or mail is ever written here.
import { openDB } from "/static/vendor/idb@8.0.4/index.js";

const NAME = "nuit-door";

// The same few verbs over IndexedDB, or over plain memory where the browser refuses to keep anything.
export async function openStore() {
  try {
    const base = await openDB(NAME, 1, {
      upgrade(fresh) {
        fresh.createObjectStore("scan", { keyPath: "nonce" });
        fresh.createObjectStore("kept");
      },
    });
    navigator.storage?.persist?.().catch(() => false);
    return new Kept(base);
  } catch {
    return new Forgetful();
  }
}

class Kept {
  lasting = true;
  #base;

  constructor(base) {
    this.#base = base;
  }

  scans() {
    return this.#base.getAll("scan");
  }

  put(scan) {
    return this.#base.put("scan", scan);
  }

  async drop(nonces) {
    const change = this.#base.transaction("scan", "readwrite");
    await Promise.all([...nonces.map((nonce) => change.store.delete(nonce)), change.done]);
  }

  read(key) {
    return this.#base.get("kept", key);
  }

  write(key, value) {
    return this.#base.put("kept", value, key);
  }

  // The list, the key and the door go; scans that have not been sent stay.
  forget() {
    return this.#base.clear("kept");
  }
}

class Forgetful {
  lasting = false;
  #scans = new Map();
  #kept = new Map();

  async scans() {
    return [...this.#scans.values()];
  }

  async put(scan) {
    this.#scans.set(scan.nonce, scan);
  }

  async drop(nonces) {
    for (const nonce of nonces) this.#scans.delete(nonce);
  }

  async read(key) {
    return this.#kept.get(key);
  }

  async write(key, value) {
    this.#kept.set(key, value);
  }

  async forget() {
    this.#kept.clear();
  }
}
