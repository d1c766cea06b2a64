// The evening on this phone: kept when it is opened, shown by the hour, asked for again when there is a network, forgotten.
const BEAT = 15000;
const AGAIN = 180000;
const place = document.querySelector("[data-keep]");
const list = document.querySelector("[data-kept-list]");

let turn = Promise.resolve();
let isLeaving = false;

// Keeping and forgetting, one after another: a late answer must not bring back what has just been erased.
function inTurn(act) {
  const mine = turn.then(act);
  turn = mine.catch(() => { /* the next one starts afresh */ });
  return mine;
}

async function begin() {
  const { keep: address, worker } = place.dataset;
  const form = document.querySelector("form[data-forget]");
  form?.addEventListener("submit", (event) => { event.preventDefault(); leave(form, address); });
  if (canKeep() && notes.read(address).leaving) { await leave(form, address); return; }
  if (canKeep()) {
    const found = await inTurn(() => take(address, worker));
    if (found === GONE) { location.reload(); return; }
    for (const one of document.querySelectorAll("[data-if-kept]")) one.hidden = !found;
  }
  if (document.querySelector("[data-pocket]")) stay(address);
}

async function take(address, worker) {
  const found = isLeaving ? null : await keep(address);
  if (!found || found === GONE) return found;
  await navigator.serviceWorker.register(worker, { scope: place.dataset.scope }).catch(() => { /* at the next visit */ });
  return found;
}

// The pocket page: the hour moves it, the network renews it.
function stay(address) {
  let isFresh = navigator.onLine;
  let askedAt = 0;
  const draw = () => {
    showNext(document, Date.now() + (notes.read(address).ahead ?? 0));
    showAge(document.querySelector("[data-old]"), address, isFresh);
  };
  const renew = () => { askedAt = Date.now(); return inTurn(once); };
  const once = async () => {
    if (isLeaving) return;
    const found = canKeep() ? await keep(address) : await asked(address);
    if (found === GONE) { location.reload(); return; }
    isFresh = Boolean(found) && navigator.onLine; // an answer under way when the line went says nothing of now
    if (found) put(found.page);
    draw();
  };
  const beat = () => { if (Date.now() - askedAt > (isFresh ? AGAIN : BEAT * 2)) renew(); else draw(); };
  setInterval(beat, BEAT);
  addEventListener("online", renew);
  addEventListener("offline", () => { isFresh = false; draw(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  draw();
  renew();
}

// Only what has changed is drawn anew, so that nothing folds up under a thumb.
function put(page) {
  const [here, there] = [document, page].map((one) => one.querySelector("[data-pocket]"));
  if (here.dataset.state !== there.dataset.state) here.replaceWith(document.importNode(there, true));
}

// Off this phone first; then the server takes the key out of this browser. Without a network that waits for the next visit.
async function leave(form, address) {
  isLeaving = true;
  asking?.abort();
  if (canKeep()) await inTurn(() => forget(address));
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    notes.drop(address);
    location.assign(form.dataset.forget);
  } catch {
    notes.write(address, { leaving: true });
    const words = document.createElement("p");
    words.className = "big";
    words.tabIndex = -1;
    words.textContent = form.dataset.gone;
    const band = document.createElement("div");
    band.className = "band";
    const wrap = document.createElement("div");
    wrap.className = "wrap";
    wrap.append(words);
    band.append(wrap);
    document.querySelector("main").replaceChildren(band);
    words.focus();
  }
}

// Without a network and without a reference: what this phone holds.
async function offer() {
  for (const address of await keptPages(await caches.open(KEPT))) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = address.split("/").at(-2);
    const item = document.createElement("li");
    item.append(document.createElement("span"), link);
    list.append(item);
  }
}

if (place) begin();
if (list && "caches" in window) offer();
