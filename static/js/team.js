// What the organisers' pages gain from a script: lists that answer as one types, one tick for all, stops moved by hand.
// Without it every form has its button and does the same.
function live(form) {
  const box = () => document.getElementById("resultats");
  let turn = 0;
  let timer;
  const address = () => {
    const wanted = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    return form.getAttribute("action") + (wanted.size ? `?${wanted}` : "");
  };
  async function ask() {
    const mine = ++turn;
    const url = address();
    const beside = box().hasAttribute("data-beside");
    if (beside && !url.includes("?")) { box().replaceChildren(); return; }
    const answer = await fetch(url, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("resultats");
    if (mine !== turn) return;
    if (!answer.ok || !found) { location.assign(url); return; }
    box().replaceChildren(...found.childNodes);
    if (!beside) history.replaceState(null, "", url);
    tickAll();
  }
  const later = (pause) => { clearTimeout(timer); timer = setTimeout(() => ask().catch(() => form.submit()), pause); };
  form.addEventListener("input", (event) => { if (event.target.type === "search") later(150); });
  form.addEventListener("change", (event) => { if (event.target.type !== "search") later(0); });
}

function tickAll() {
  for (const label of document.querySelectorAll("[data-all]")) {
    label.hidden = false;
    const all = label.querySelector("input");
    all.addEventListener("change", () => {
      for (const one of all.form.querySelectorAll('input[name="tick"]')) one.checked = all.checked;
    });
  }
}

// A dragged stop goes before or after the one it is dropped on; the buttons keep telling the server the same places.
function stops(list) {
  let moving = null;
  const renumber = () => [...list.querySelectorAll("[data-stop]")].forEach((stop, place, all) => {
    stop.querySelector(".num").textContent = String(place + 1);
    for (const button of stop.querySelectorAll("button[name=act]")) {
      const what = button.value.split("-")[0];
      button.value = `${what}-${place}`;
      button.disabled = (what === "up" && place === 0) || (what === "down" && place === all.length - 1);
    }
    stop.querySelector("small")?.remove();
  });
  for (const stop of list.querySelectorAll("[data-stop]")) {
    stop.draggable = true;
    stop.addEventListener("dragstart", (event) => {
      moving = stop;
      stop.dataset.moving = "";
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", stop.querySelector(".name").textContent);
    });
    stop.addEventListener("dragend", () => { delete stop.dataset.moving; moving = null; });
    stop.addEventListener("dragover", (event) => {
      if (!moving || moving === stop) return;
      event.preventDefault();
      const box = stop.getBoundingClientRect();
      list.insertBefore(moving, event.clientY < box.y + box.height / 2 ? stop : stop.nextSibling);
      renumber();
    });
    stop.addEventListener("drop", (event) => event.preventDefault());
  }
}

for (const form of document.querySelectorAll("[data-search]")) live(form);
for (const list of document.querySelectorAll("[data-stops]")) stops(list);
tickAll();
