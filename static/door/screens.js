// One screen at a time fills the phone; what all screens share (door, hour, line, queue) is told on each.
import { count, hour, say } from "./words.js";

const OLD = 10 * 60_000; // ms

export class Screens {
  #root;
  #views;
  current = "";
  onShow = () => {};

  constructor(root) {
    this.#root = root;
    this.#views = [...root.querySelectorAll("[data-view]")];
  }

  get(name) {
    return this.#views.find((view) => view.dataset.view === name);
  }

  show(name) {
    this.current = name;
    for (const view of this.#views) view.hidden = view.dataset.view !== name;
    const first = this.get(name).querySelector("[data-first]");
    if (first) first.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    this.onShow();
  }

  // The head of every screen.
  door(company, departure) {
    const words = departure ? `${company} · ${hour(departure.startsAt)}` : company;
    for (const place of this.#root.querySelectorAll("[data-door-name]")) place.textContent = words;
  }

  // The line and what waits for it, always in sight.
  line({ online, waiting, cut, lasting }) {
    const words = cut ? say("cut") : waiting ? count("waiting", waiting) : online === false ? say("offline_short") : say("online");
    for (const tag of this.#root.querySelectorAll("[data-line]")) {
      tag.querySelector("[data-line-words]").textContent = words;
      tag.querySelector("use").setAttribute("href", online === false || cut ? "#i-horsligne" : "#i-check");
    }
    for (const place of this.#root.querySelectorAll("[data-waiting]")) place.textContent = waiting;
    for (const place of this.#root.querySelectorAll("[data-fleeting]")) place.hidden = lasting;
  }

  // How old the list is: plain while it is fresh, marked when it is not.
  age(at, now) {
    const place = this.get("camera").querySelector("[data-age]");
    place.textContent = say("listed", { hour: hour(at) });
    place.toggleAttribute("data-old", now - at > OLD);
  }

  // The guide's sheets are pages of the desk: they need the network, and the company or an organiser signed in.
  guide(host) {
    const link = this.get("more").querySelector("[data-guide]");
    link.setAttribute("href", link.getAttribute("href").replace("/-/", `/${encodeURIComponent(host)}/`));
  }

  doors(doors, ticket) {
    const lines = doors.map(({ host, company }) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.className = "btn";
      link.dataset.kind = "line";
      link.href = `?hote=${encodeURIComponent(host)}`;
      link.hash = ticket ?? "";
      link.textContent = company;
      line.append(link);
      return line;
    });
    this.get("hosts").querySelector("[data-doors]").replaceChildren(...lines);
  }

  figures(departure) {
    const view = this.get("camera");
    view.querySelector("[data-entered]").textContent = departure ? departure.entered : "–";
    view.querySelector("[data-expected]").textContent = departure ? Math.max(0, departure.expected - departure.entered) : "–";
  }

  departures(all, now, listed) {
    const rows = all.map((slot) => {
      const row = document.createElement("tr");
      const cells = [hour(slot.startsAt), slot.entered, Math.max(0, slot.expected - slot.entered), slot.walked_in ?? 0];
      row.append(...cells.map((words, place) => cell(words, place)));
      if (slot.startsAt <= now && now < slot.endsAt) row.setAttribute("aria-current", "time");
      return row;
    });
    this.get("more").querySelector("[data-rows]").replaceChildren(...rows);
    this.get("more").querySelector("[data-listed]").textContent = listed;
  }

  found(people, choose) {
    const lines = people.map((one) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.dataset.kind = "line";
      button.textContent = [one.name, count("people", one.people), one.hours.map(hour).join(", ") || say("not_here")].join(" · ");
      button.addEventListener("click", () => choose(one.code));
      line.append(button);
      return line;
    });
    this.get("search").querySelector("[data-found]").replaceChildren(...lines);
  }

  tell(name, words) {
    this.get(name).querySelector("[data-told]").textContent = words;
  }
}

function cell(words, place) {
  const one = document.createElement(place ? "td" : "th");
  if (!place) one.scope = "row";
  one.className = "num";
  one.textContent = words;
  return one;
}
