// Looking for companies: each choice is answered at once, in place, and the address says what is asked.
// Without this script the form has its button and does the same.
const form = document.querySelector("[data-finding]");
const more = form.querySelector("[data-finding-more]");
const locate = form.querySelector("[data-locate]");
let asked = 0;
let timer;

function address() {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") wanted.append(name, value);
  const place = form.elements.pres.value;
  if (place !== "ici") for (const name of ["lon", "lat"]) wanted.delete(name);
  const query = wanted.toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

async function show(url) {
  const turn = ++asked;
  const answer = await fetch(url, { cache: "no-cache" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const results = page.getElementById("resultats");
  if (turn !== asked) return;
  if (!answer.ok || !results) { location.assign(url); return; }
  document.getElementById("resultats").replaceChildren(...results.childNodes);
  form.elements.tri.value = page.querySelector("[data-finding]").elements.tri.value;
  document.querySelector("[data-told]").textContent = document.getElementById("liste").textContent;
  history.replaceState(null, "", url);
}

const ask = () => show(address()).catch(() => form.submit());

form.addEventListener("change", (event) => { if (event.target.type !== "search" && event.target.type !== "text") ask(); });
form.addEventListener("input", (event) => {
  if (event.target.type !== "search" && event.target.type !== "text") return;
  clearTimeout(timer);
  timer = setTimeout(ask, 350);
});
form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); ask(); });

if (matchMedia("(min-width: 62rem)").matches) more.open = true;

function here(position) {
  // Three decimals are some 100 m: enough for a list, too coarse for a house.
  form.elements.lon.value = position.coords.longitude.toFixed(3);
  form.elements.lat.value = position.coords.latitude.toFixed(3);
  const choice = form.elements.pres;
  if (!choice.querySelector('option[value="ici"]')) choice.add(new Option(locate.querySelector("button").textContent.trim(), "ici"), 1);
  choice.value = "ici";
  ask();
}

if (navigator.geolocation && isSecureContext) {
  locate.hidden = false;
  const words = locate.querySelector("[role=status]");
  locate.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(here, () => { words.textContent = words.dataset.refused; }, { maximumAge: 60000, timeout: 10000 });
  });
}
