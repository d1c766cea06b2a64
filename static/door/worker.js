// The service worker: keeps the app's parts on the phone, opens the door without a network, and empties the queue
// when the line comes back after the page has gone. It runs as a module of the same version as the page's.
import { Api } from "./api.js";
import { Queue } from "./queue.js";
import { openStore } from "./store.js";

const HOME = "/porte";
const CACHE = "nuit-door-";
const RIPE = 10_000; // ms: a younger scan still belongs to the page, which is about to say what it has shown

// `page` is the mark of the shell that belongs to these `files`; `tongue` its language.
export function serve({ version, page, tongue, files }) {
  const name = CACHE + version;
  const known = new Set(files);

  self.addEventListener("install", (event) => event.waitUntil(keep(name, { page, tongue, files })));
  self.addEventListener("activate", (event) => event.waitUntil(settle(name)));
  self.addEventListener("message", ({ data }) => data === "take over" && self.skipWaiting());
  self.addEventListener("sync", (event) => event.tag === "scans" && event.waitUntil(flush()));
  self.addEventListener("fetch", (event) => {
    const { origin, pathname, search } = new URL(event.request.url);
    if (event.request.method !== "GET" || origin !== self.location.origin) return;
    if (event.request.mode === "navigate") {
      if (pathname.replace(/\/$/, "") === HOME) event.respondWith(opened(name, event.request, search));
    } else if (known.has(pathname + search)) event.respondWith(kept(name, pathname + search, event.request));
  });
}

// All or nothing: while the house changes from one version to the next, the old app stays.
async function keep(name, { page, tongue, files }) {
  const shell = await fetch(HOME, { credentials: "omit", cache: "no-store", headers: { "Accept-Language": tongue } });
  if (!shell.ok || !(shell.headers.get("ETag") ?? "").includes(page)) throw new Error("the page is of another version");
  const cache = await caches.open(name);
  await cache.addAll(files);
  await cache.put(HOME, shell);
}

async function settle(name) {
  const old = (await caches.keys()).filter((one) => one.startsWith(CACHE) && one !== name);
  await Promise.all(old.map((one) => caches.delete(one)));
  await self.clients.claim();
}

// The page comes from the phone; only a change of language asks the house first.
async function opened(name, request, search) {
  if (!new URLSearchParams(search).has("lang")) return kept(name, HOME, request);
  return fetch(request).catch(() => kept(name, HOME, request));
}

async function kept(name, address, request) {
  const cache = await caches.open(name);
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request);
}

async function flush() {
  const store = await openStore();
  const door = await store.read("door");
  if (!door) return;
  const queue = new Queue(store, new Api("/api/v1", door));
  queue.ripe = (scan) => Boolean(scan.given) || Math.abs(Date.now() - Date.parse(scan.at)) > RIPE;
  await queue.flush();
  if (queue.length && !queue.cut) throw new Error("more is waiting"); // the browser asks again later
}
