// Composing: each choice is answered in place, and the address says what is asked. Without this script the form has
// its button, every link is a page, and nothing is missing.
const form = document.querySelector("[data-wishing]");
const answer = document.getElementById("soirees");
const waiting = document.querySelector("[data-waiting]");
const locate = form.querySelector("[data-locate]");
const PLACES = ["depart", "retour"];
let asked = 0;

function address() {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "" && value !== "0") wanted.append(name, value);
  if (!PLACES.some((name) => wanted.get(name) === "ici")) for (const name of ["lon", "lat"]) wanted.delete(name);
  return `${form.action.split("#")[0]}?${wanted}`;
}

async function show(url, keep) {
  const turn = ++asked;
  const slow = setTimeout(() => { if (turn === asked) answer.replaceChildren(waiting.content.cloneNode(true)); }, 150);
  answer.setAttribute("aria-busy", "true");
  try {
    const got = await fetch(url, { cache: "no-cache" });
    const page = new DOMParser().parseFromString(await got.text(), "text/html");
    const fresh = page.getElementById("soirees");
    if (turn !== asked) return;
    if (!got.ok || !fresh) { location.assign(url); return; }
    answer.replaceChildren(...fresh.childNodes);
    for (const use of page.querySelectorAll("svg.sprite symbol")) {
      if (!document.getElementById(use.id)) document.querySelector("svg.sprite").append(use);
    }
    if (keep) history.replaceState(null, "", url);
    else { history.pushState(null, "", url); hold(page); }
  } finally {
    clearTimeout(slow);
    if (turn === asked) answer.removeAttribute("aria-busy");
  }
}

// The form follows what a link has asked: stops kept, refused or left out travel as hidden fields.
function hold(page) {
  const names = ["garder", "autre", "sans", "avec"];
  for (const old of form.querySelectorAll(names.map((name) => `input[name="${name}"]`).join())) old.remove();
  const other = page.querySelector("[data-wishing]");
  for (const one of other.querySelectorAll(names.map((name) => `input[name="${name}"]`).join())) form.append(one);
  for (const box of form.querySelectorAll('input[name="rdv"]')) {
    box.checked = other.querySelector(`input[name="rdv"][value="${box.value}"]`).checked;
  }
}

const ask = () => show(address(), true).catch(() => form.submit());

form.addEventListener("change", ask);
form.addEventListener("submit", (event) => { event.preventDefault(); ask().then(() => answer.focus()); });
addEventListener("popstate", () => location.reload());
answer.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const url = link.href.split("#")[0];
  show(url, false).then(() => document.getElementById("detail")?.scrollIntoView()).catch(() => location.assign(link.href));
});
answer.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-share]");
  if (!link) return;
  const url = link.href.split("#")[0];
  if (navigator.share) {
    event.preventDefault();
    navigator.share({ title: link.dataset.title, url }).catch(() => {});
  } else if (navigator.clipboard) {
    event.preventDefault();
    await navigator.clipboard.writeText(url);
    link.lastChild.textContent = link.dataset.share;
  }
});

function here(position) {
  // Three decimals are some 100 m: enough for a ride, too coarse for a house.
  form.elements.lon.value = position.coords.longitude.toFixed(3);
  form.elements.lat.value = position.coords.latitude.toFixed(3);
  const words = locate.querySelector("button").textContent.trim();
  for (const name of PLACES) {
    const choice = form.elements[name];
    if (!choice.querySelector('option[value="ici"]')) choice.add(new Option(words, "ici"), 1);
  }
  form.elements.depart.value = "ici";
  ask();
}

if (navigator.geolocation && isSecureContext) {
  locate.hidden = false;
  const words = locate.querySelector("[role=status]");
  locate.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(here, () => { words.textContent = words.dataset.refused; }, { maximumAge: 60000, timeout: 10000 });
  });
}
