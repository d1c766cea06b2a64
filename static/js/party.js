// Who comes: people join and leave without a round trip, and what concerns the youngest shows at once.
// Without this script the same buttons do the same through the server.
const form = document.querySelector("form[data-party]");
const people = form?.querySelector("[data-people]");

function persons() {
  return [...people.querySelectorAll(".person")];
}

function youngest() {
  return Math.min(...persons().map((one) => parseInt(one.querySelector("select").value, 10)));
}

function refresh() {
  const all = persons();
  all.forEach((one, at) => {
    one.querySelector("[data-number]").textContent = String(at + 1);
    one.querySelector("button").hidden = all.length === 1;
  });
  const words = form.querySelector("[data-size]");
  words.textContent = all.length === 1 ? words.dataset.one : words.dataset.many.replace("#", all.length);
  people.querySelector("[value=ajouter]").hidden = all.length >= Number(people.dataset.most);
  for (const line of form.querySelectorAll("[data-under]")) line.hidden = youngest() >= Number(line.dataset.under);
}

function join() {
  const all = persons();
  const last = all.at(-1);
  const number = 1 + Math.max(...all.map((one) => Number(one.querySelector("button").value.split("-")[1])));
  const fresh = last.cloneNode(true);
  for (const part of fresh.querySelectorAll("[id], [for], [name], [value^=enlever], [aria-invalid]")) {
    for (const name of ["id", "for", "name"]) {
      if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/people-\d+/, `people-${number}`));
    }
    part.removeAttribute("aria-invalid");
    part.removeAttribute("aria-describedby");
  }
  for (const error of fresh.querySelectorAll(".error")) error.remove();
  fresh.querySelector("input").value = "";
  fresh.querySelector("select").selectedIndex = 0;
  fresh.querySelector("button").value = `enlever-${number}`;
  last.after(fresh);
  refresh();
  fresh.querySelector("input").focus();
}

function leave(button) {
  const gone = button.closest(".person");
  const next = gone.nextElementSibling?.matches(".person") ? gone.nextElementSibling : gone.previousElementSibling;
  gone.remove();
  refresh();
  next.querySelector("input").focus();
}

if (people) {
  people.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=action]");
    if (!button) return;
    if (button.value === "ajouter") join();
    else if (button.value.startsWith("enlever")) leave(button);
    else return;
    event.preventDefault();
  });
  people.addEventListener("change", refresh);
  refresh();
}
