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
  const copy = await copyOf(new URL(request.url).pathname);
  const network = fetch(request).then((answer) => (answer.status >= 500 ? Promise.reject(answer) : answer));
  try {
    return await (copy ? Promise.race([network, silence()]) : network);
  } catch (answer) {
    return copy ?? (answer instanceof Response ? answer : Response.error());
  }
}

function silence() {
  return new Promise((_, reject) => { setTimeout(reject, PATIENCE); });
}

// /fr/ma-soiree/K7Q4 and all below it: that evening. /fr/ma-soiree: the only one kept, or the list of them.
async function copyOf(path) {
  const [, lang, room, reference] = path.split("/");
  const own = reference && (await match(`/${lang}/${room}/${reference.toUpperCase()}/poche`));
  if (own) return own;
  const kept = (await (await caches.open(KEPT)).keys()).filter((one) => one.url.endsWith("/poche"));
  if (!reference && kept.length === 1) return Response.redirect(kept[0].url);
  return kept.length ? match(`/${lang}/${room}/sans-reseau`) : undefined;
}

async function match(address) {
  return (await caches.open(KEPT)).match(address, { ignoreVary: true });
}
