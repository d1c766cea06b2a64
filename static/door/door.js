// The door's app: opens what it needs, wires it together, and stays awake.
import { Alone } from "./alone.js";
import { Api, pair } from "./api.js";
import { CheckIn } from "./checkin.js";
import { Eye } from "./eye.js";
import { Counter, askDeparture, askReason, tellInside } from "./gestures.js";
import { askGroup } from "./group.js";
import { brought, doorToOpen } from "./opening.js";
import { Queue } from "./queue.js";
import { Roster } from "./roster.js";
import { Screens } from "./screens.js";
import { mute, wake } from "./sound.js";
import { openStore } from "./store.js";
import { keepFresh, sendLater } from "./update.js";
import { compose, draw } from "./verdict.js";
import { listenToScanner } from "./wedge.js";
import { count, hour, say } from "./words.js";

const ROSTER_EVERY = 20_000;
const FLUSH_EVERY = 10_000;

const root = document.querySelector("[data-door]");
const screens = new Screens(root);
const roster = new Roster();
screens.onShow = hide;
const MOVES = ["admitted", "left", "moved", "standby", "undone"]; // verdicts that change the counts
const MAY_OVERRULE = ["too_early", "too_late", "elsewhere", "cancelled"];
let door, store, api, queue, checkin, eye, counter;
let off = false;

function show(result) {
  const view = screens.get("verdict");
  draw(view, compose(result));
  offer(view, result);
  screens.show("verdict");
  if (!result.offline && MOVES.includes(result.verdict)) refresh();
}

// What can be done about a verdict, in the order of the thumb.
function offer(view, { verdict, own, kind }) {
  const may = {
    "let-in": verdict === "unlisted",
    overrule: MAY_OVERRULE.includes(verdict) && kind === "in" && own !== null,
    move: MAY_OVERRULE.includes(verdict) && kind === "in" && own !== null,
    out: verdict === "already_in" && roster.countsExits && own !== null,
    undo: own !== null && own.admit !== 0 && ["admitted", "left", "standby"].includes(verdict),
  };
  for (const [act, can] of Object.entries(may)) view.querySelector(`[data-act=${act}]`).hidden = !can;
}

// Names that were shown leave the page with their screen.
function hide() {
  for (const name of ["search", "inside"]) {
    if (screens.current === name) continue;
    screens.get(name).querySelector("[data-found], [data-rows]").replaceChildren();
  }
}

function ask(result, admit) {
  askGroup(screens.get("group"), result, admit);
  screens.show("group");
}

async function refresh() {
  const { roster: fresh, etag, cut } = await api.roster(await store.read("etag"));
  if (cut) return cutOff();
  if (fresh) {
    roster.take(fresh);
    roster.settle(await queue.nonces());
    await Promise.all([store.write("roster", fresh), store.write("etag", etag), store.write("came", roster.came)]);
    await store.write("clock", api.clock);
  }
  tellFigures();
  return tellLine();
}

function tellFigures() {
  if (!roster.known) return;
  const now = api.now();
  const all = roster.departures();
  const current = roster.current(now);
  screens.door(door.company, current);
  screens.figures(current);
  screens.age(roster.at, now);
  tellExits();
  const refused = queue.refused ? ` ${count("refused", queue.refused)}` : "";
  screens.departures(all, now, say("listed", { hour: hour(roster.at) }) + refused);
}

function tellLine() {
  const online = navigator.onLine === false ? false : queue.online;
  if (online === false && queue.length) sendLater();
  screens.line({ online, waiting: queue.length, cut: queue.cut, lasting: store.lasting });
}

async function open() {
  api = new Api(root.dataset.api, door);
  queue = new Queue(store, api);
  checkin = new CheckIn({ door: door.host, queue, api, roster, alone: new Alone(roster, store, api), screen: { show, ask } });
  queue.onChange = () => (queue.cut ? cutOff() : tellLine());
  queue.onResult = (result) => {
    checkin.answered(result);
    tellFigures();
    store.write("came", roster.came);
  };
  await recall();
  screens.door(door.company, null);
  screens.guide(door.host);
  tellFigures();
  screens.show("camera");
  watch();
  eye = new Eye(root, screens.get("camera"), scanning, (text, at) => checkin.read(text, at));
  eye.open();
  await queue.retry();
  await Promise.all([queue.flush(), refresh()]);
}

// What was known last time: the server's clock, and the list, if it is this door's.
async function recall() {
  api.clock = (await store.read("clock")) ?? 0;
  const kept = await store.read("roster");
  if (kept?.host?.slug !== door.host) return store.write("etag", null);
  roster.take(kept);
  roster.came = (await store.read("came")) ?? [];
  return null;
}

// The house has cut this phone off: nothing more goes in or out. What was not sent stays, for the day it is paired again.
async function cutOff() {
  if (off) return;
  off = queue.cut = true;
  screens.show("cut");
  screens.tell("cut", queue.length ? count("kept", queue.length) : "");
  tellLine();
  eye?.close();
  roster.forget();
  await store.forget();
}

function watch() {
  const flush = () => queue.flush();
  window.addEventListener("online", flush);
  window.addEventListener("offline", tellLine);
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
  listenToScanner((text) => scanning() && checkin.read(text));
  setInterval(flush, FLUSH_EVERY);
  setInterval(() => queue.cut || refresh(), ROSTER_EVERY);
}

function leave() {
  if (queue.length) sendLater();
}

function comeBack() {
  if (queue.cut) return null;
  queue.flush();
  refresh();
  return eye.comeBack();
}

const scanning = () => screens.current === "camera" || screens.current === "verdict";
const idle = () => !checkin || (scanning() && !checkin.busy) || screens.current === "cut";

const ACTS = {
  next: () => screens.show("camera"),
  overrule: () => why("why_overrule", (reason) => checkin.overrule(reason)),
  undo: () => why("why_undo", (reason) => checkin.undo(reason)),
  out: () => checkin.letOut(),
  move: () => {
    const now = api.now();
    askDeparture(screens.get("move"), roster.departures().filter((slot) => slot.left > 0 && now < slot.startsAt + roster.tolerance.late), (slot) =>
      why("why_move", (reason) => checkin.move(slot, reason)),
    );
    screens.show("move");
  },
  counter: () => {
    counter ??= new Counter(screens.get("counter"), {
      letIn: (slot, persons) => checkin.walkIn(slot, persons),
      wait: (slot, persons) => checkin.wait(slot, persons),
      fetch: (one) => checkin.walkIn(one.slot, one.persons, one.nonce),
    });
    counter.show(roster.known ? roster.current(api.now()) : null, roster.known ? roster.standby : []);
    screens.show("counter");
  },
  inside: async () => {
    const view = screens.get("inside");
    const known = roster.known ? roster.inside(api.now()) : [];
    tellInside(view, known, null);
    screens.show("inside");
    const told = await api.evacuation();
    if (told && screens.current === "inside") tellInside(view, known, told);
  },
  exits: () => {
    checkin.exits = !checkin.exits;
    tellExits();
    screens.show("camera");
  },
  code: () => screens.show("code"),
  search: () => screens.show("search"),
  more: () => screens.show("more"),
  pair: () => screens.show("pair"),
  start: () => eye.open(),
  lens: () => {
    screens.show("camera");
    return eye.another();
  },
  torch: (button) => eye.torch(button),
  mute: async (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    await store.write("muted", on);
    tellMuted(on);
  },
  full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
  "let-in": () => checkin.letIn(),
};

function why(title, act) {
  askReason(screens.get("reason"), say(title), act);
  screens.show("reason");
}

// Whether the next code lets in or out: said on the camera's screen for as long as it lasts.
function tellExits() {
  root.dataset.exits = checkin.exits ? "yes" : "";
  for (const button of root.querySelectorAll("[data-act=exits]")) {
    button.hidden = !roster.countsExits;
    button.setAttribute("aria-pressed", String(checkin.exits));
  }
}

function tellMuted(on) {
  mute(on);
  root.querySelector("[data-act=mute]").setAttribute("aria-pressed", String(on));
}

const FORMS = {
  code: async ({ code }) => {
    const is = await checkin.typed(code.value);
    screens.tell("code", is ? "" : say("code_form"));
    if (is) code.value = "";
  },
  search: async ({ q }) => {
    const people = await api.search(q.value);
    screens.tell("search", people === null ? say("search_offline") : people.length ? "" : say("search_none"));
    screens.found(people ?? [], (code) => checkin.typed(code));
  },
  pair: async ({ code, name }) => {
    const answer = await pair(root.dataset.api, code.value.trim(), name.value.trim());
    if (!answer.device_token) return screens.tell("pair", answer.problem ?? say("pair_offline"));
    await store.forget();
    await store.write("door", { token: answer.device_token, host: answer.host.slug, company: answer.host.company });
    return location.replace(location.pathname);
  },
};

root.addEventListener("click", (event) => {
  wake();
  const button = event.target.closest("[data-act]");
  if (button) ACTS[button.dataset.act](button);
});

root.addEventListener("submit", (event) => {
  event.preventDefault();
  FORMS[event.target.closest("[data-view]").dataset.view]?.(event.target.elements);
});

async function begin() {
  const from = brought();
  store = await openStore();
  keepFresh(idle);
  tellMuted((await store.read("muted")) ?? false);
  const found = await doorToOpen(store, from);
  if (found.door) return start(found.door, from.ticket);
  if (from.code) screens.get("pair").querySelector("[name=code]").value = from.code;
  screens.doors(found.doors, from.ticket);
  return screens.show(found.doors.length ? "hosts" : "pair");
}

async function start(chosen, ticket) {
  door = chosen;
  if (ticket) history.replaceState(null, "", location.pathname + location.search);
  await open();
  if (ticket) checkin.read(ticket);
}

window.addEventListener("hashchange", () => location.hash && location.reload());
begin();
