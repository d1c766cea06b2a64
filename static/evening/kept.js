// What this phone keeps of an evening: the page, what it is made of, and when that was. Nothing leaves the phone.
const KEPT = "ma-soiree";
const GONE = "gone";
const PATIENT = 20000; // milliseconds for an answer
let asking; // the question that waits for its answer
const notes = {
  read(address) { try { return JSON.parse(localStorage.getItem(`soiree:${address}`)) ?? {}; } catch { return {}; } },
  write(address, note) { try { localStorage.setItem(`soiree:${address}`, JSON.stringify(note)); } catch { /* private mode */ } },
  drop(address) { try { localStorage.removeItem(`soiree:${address}`); } catch { /* private mode */ } },
};

function canKeep() {
  return "serviceWorker" in navigator && "caches" in window;
}

// The evening as the server tells it now; GONE when it says that this browser no longer holds the key; null when
// nobody answers, or somebody else does (a hotel's welcome page is no answer).
async function asked(address) {
  asking = new AbortController();
  const late = setTimeout(() => asking.abort(), PATIENT);
  try {
    const answer = await fetch(address, { cache: "no-store", redirect: "error", signal: asking.signal });
    const copy = answer.clone();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && page.querySelector("[data-pocket]")) return { copy, page };
    return answer.status === 404 && page.querySelector("[data-no-evening]") ? GONE : null;
  } catch {
    return null;
  } finally {
    clearTimeout(late);
  }
}

// Asks, and keeps the answer with everything that it needs to be drawn; the answer, as `asked` gives it.
async function keep(address) {
  const found = await asked(address);
  if (found === GONE) await forget(address);
  if (!found || found === GONE) return found;
  const cache = await caches.open(KEPT);
  const missing = [];
  for (const part of partsOf(found.page)) if (!(await cache.match(part, { ignoreVary: true }))) missing.push(part);
  try { await cache.addAll(missing); } catch { return null; } // the line went again: what was kept stays
  await cache.put(address, found.copy);
  const now = Date.now();
  notes.write(address, { at: now, ahead: Date.parse(found.page.querySelector("[data-pocket]").dataset.at) - now });
  await prune(cache);
  return found;
}

function partsOf(page) {
  const named = page.querySelectorAll("link[rel=stylesheet], link[rel=preload], link[rel=icon], script[src], [data-also]");
  const all = [...named].map((one) => one.getAttribute("href") ?? one.getAttribute("src") ?? one.dataset.also);
  return [...new Set(all)].filter((address) => address.startsWith("/"));
}

async function keptPages(cache) {
  return (await cache.keys()).map((one) => new URL(one.url).pathname).filter((path) => path.endsWith("/poche"));
}

// Parts that no kept page needs any more.
async function prune(cache) {
  const needed = new Set();
  for (const address of await keptPages(cache)) {
    const text = await (await cache.match(address, { ignoreVary: true })).text();
    for (const part of partsOf(new DOMParser().parseFromString(text, "text/html"))) needed.add(part);
    needed.add(address);
  }
  for (const one of await cache.keys()) {
    const { pathname, search } = new URL(one.url);
    if (!needed.has(pathname + search)) await cache.delete(one);
  }
}

// Takes the evening off this phone; with the last one, the worker goes too.
async function forget(address) {
  notes.drop(address);
  const cache = await caches.open(KEPT);
  await cache.delete(address, { ignoreVary: true });
  if ((await keptPages(cache)).length) { await prune(cache); return; }
  await caches.delete(KEPT);
  for (const one of await navigator.serviceWorker.getRegistrations()) {
    if (new URL(one.scope).pathname.endsWith("/ma-soiree")) await one.unregister();
  }
}
