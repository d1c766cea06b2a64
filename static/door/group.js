// Who of a party is here: one line to tick for each person; those who are in already are told, not asked.
import { count, describe, hour, say } from "./words.js";

// Shows the people of `result.tickets`; calls `admit(ids)` with the tickets that enter.
export function askGroup(screen, result, admit) {
  screen.querySelector("[data-word]").textContent = count("group", result.tickets.length);
  const lines = result.tickets.map(line);
  screen.querySelector("[data-people]").replaceChildren(...lines.map((one) => one.label));
  const button = screen.querySelector("[data-admit]");
  const chosen = () => lines.filter((one) => one.box.checked && !one.box.disabled).map((one) => one.ticket);
  const name = () => {
    button.textContent = count("admit", chosen().length);
    button.disabled = chosen().length === 0;
  };
  for (const one of lines) one.box.addEventListener("change", name);
  button.onclick = () => admit(chosen());
  name();
}

function line(person, place) {
  const label = document.createElement("label");
  label.className = "tick";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = person.verdict === "admitted" || person.verdict === "already_in";
  box.disabled = person.verdict !== "admitted";
  const words = document.createElement("span");
  words.textContent = say("person", { n: person.who?.position ?? place + 1, who: describe(person.who) });
  const small = document.createElement("small");
  small.textContent = state(person);
  words.append(small);
  label.append(box, words);
  return { label, box, ticket: person.ticket };
}

function state(person) {
  if (person.verdict === "admitted") return "";
  if (person.verdict === "already_in" && person.first) return say("person_in", { hour: hour(person.first.at) });
  return say(`word_${person.verdict}`);
}
