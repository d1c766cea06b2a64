// The evening's service worker: answers for the visitor's own pages, and for those only, when the network does not.
// It writes nothing: what is kept is put there, and taken away, by the page itself (kept.js).
const KEPT = "ma-soiree";
const PATIENCE = 4000; // milliseconds before the kept page is shown instead of a network that says nothing

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.destination) event.respondWith(part(request));
});

// Style sheets, scripts and fonts carry their version in their address: the kept one is the right one.
async function part(request) {
  return (await match(request.url)) ?? fetch(request);
}

async function page(request) {
  const path = new URL(request.url).pathname;
  const copy = await copyOf(path);
  const network = fetch(request).then((answer) => (answer.status >= 500 ? Promise.reject(answer) : answer));
  try {
    return await (copy ? Promise.race([network, silence()]) : network); // what is not kept is waited for
  } catch (answer) {
    return copy ?? (await refuge(path)) ?? (answer instanceof Response ? answer : Response.error());
  }
}

function silence() {
  return new Promise((_, reject) => { setTimeout(reject, PATIENCE); });
}

// /fr/ma-soiree/K7Q4 and all below it: that evening. /fr/ma-soiree: the only one kept.
async function copyOf(path) {
  const [, lang, room, reference] = path.split("/");
  if (reference) return match(`/${lang}/${room}/${reference.toUpperCase()}/poche`);
  const all = await evenings();
  return all.length === 1 ? Response.redirect(all[0].url) : undefined;
}

// Without a network, for an evening that is not kept here: the list of those that are.
async function refuge(path) {
  const [, lang, room] = path.split("/");
  return (await evenings()).length ? match(`/${lang}/${room}/sans-reseau`) : undefined;
}

async function evenings() {
  return (await (await caches.open(KEPT)).keys()).filter((one) => one.url.endsWith("/poche"));
}

async function match(address) {
  return (await caches.open(KEPT)).match(address, { ignoreVary: true });
}
