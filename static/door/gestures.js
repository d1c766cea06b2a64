// The screens beside the camera: a reason, people without a ticket, who is inside. Names are shown, never kept.
import { count, describe, hour, say } from "./words.js";

const MOST = 20;

// Asks why; calls `act(reason)` with one of the sentences at hand, or with a typed one.
export function askReason(view, title, act) {
  view.querySelector("[data-word]").textContent = title;
  view.querySelector("[data-other]").value = "";
  view.onclick = (event) => event.target.closest("[data-reason]") && act(event.target.closest("[data-reason]").textContent.trim());
  view.querySelector("form").onsubmit = () => {
    const reason = view.querySelector("[data-other]").value.trim();
    if (reason) act(reason);
  };
}

// The departures that can still take somebody; calls `choose(slot)`.
export function askDeparture(view, departures, choose) {
  view.querySelector("[data-told]").textContent = departures.length ? "" : say("move_none");
  fill(view.querySelector("[data-rows]"), departures.map((slot) => button(`${hour(slot.startsAt)} · ${count("places", slot.left)}`, () => choose(slot.id))));
}

// People without a ticket, one departure at a time; `act` has letIn(slot, persons), wait(slot, persons), fetch(waiting).
export class Counter {
  #view;
  #act;
  #slot = null;
  #persons = 1;

  constructor(view, act) {
    this.#view = view;
    this.#act = act;
    this.#on("[data-fewer]", () => this.#step(-1));
    this.#on("[data-more]", () => this.#step(1));
    this.#on("[data-in]", () => act.letIn(this.#slot.id, this.#persons));
    this.#on("[data-wait]", () => act.wait(this.#slot.id, this.#persons));
  }

  // `slot` is the departure the door is busy with, or null; `waiting` who stands in line for one of this door's.
  show(slot, waiting) {
    this.#slot = slot;
    this.#persons = 1;
    this.#view.querySelector("[data-departure]").textContent = slot ? `${say("departure", { hour: hour(slot.startsAt) })} ${count("places", slot.left)}` : say("no_departure");
    for (const name of ["[data-in]", "[data-wait]"]) this.#view.querySelector(name).disabled = slot === null;
    fill(this.#view.querySelector("[data-line-up]"), waiting.map((one) => button(say("waits", { people: count("people", one.persons), hour: hour(one.at) }), () => this.#act.fetch(one))));
    this.#step(0);
  }

  #step(by) {
    this.#persons = Math.min(MOST, Math.max(1, this.#persons + by));
    this.#view.querySelector("[data-persons]").textContent = this.#persons;
    this.#view.querySelector("[data-in]").textContent = count("admit", this.#persons);
  }

  #on(name, act) {
    this.#view.querySelector(name).addEventListener("click", act);
  }
}

// How many are inside, by the phone's own count until the house answers; `told` is its answer, with names for those allowed.
export function tellInside(view, departures, told) {
  const inside = told ? told.inside : departures.reduce((sum, slot) => sum + slot.inside, 0);
  view.querySelector("[data-inside]").textContent = inside;
  view.querySelector("[data-told]").textContent = told ? (told.people ? "" : say("names_not_here")) : say("counted_here");
  const lines = told?.people
    ? told.people.map((one) => [one.name, describe(one), one.party && one.party !== one.name ? one.party : "", hour(one.entered_at)].filter(Boolean).join(" · "))
    : (told?.slots ?? departures).map((slot) => `${hour(slot.starts_at)} · ${count("people", slot.inside)}`);
  fill(view.querySelector("[data-rows]"), lines.map(words));
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.dataset.kind = "line";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function words(text) {
  const made = document.createElement("span");
  made.textContent = text;
  return made;
}

function fill(list, things) {
  list.replaceChildren(
    ...things.map((thing) => {
      const line = document.createElement("li");
      line.append(thing);
      return line;
    }),
  );
}
