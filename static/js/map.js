// A map on a page: what Folium has drawn gets its ground, its names and what is true right now.
// Names are put in as text, never as markup; what is live comes from the list beside the map ([data-pin]).
for (const figure of document.querySelectorAll("[data-globals]")) {
  const globals = JSON.parse(figure.dataset.globals);
  if (globalThis[globals.map]) {
    const named = (name) => [name, globalThis[globals[name]]];
    startMap(figure, Object.fromEntries(Object.keys(globals).map(named)), JSON.parse(figure.dataset.words));
  }
}

function startMap(figure, { map, ...layers }, words) {
  giveHands(figure, map, words);
  giveSwitches(figure, map, layers);
  if (layers.lines) dressRides(map, layers.lines);
  const ready = Promise.all([
    layGround(map, figure.dataset.ground),
    fetch(figure.dataset.names).then((answer) => answer.json()).then((names) => namePins(map, layers, names, words)),
  ]);
  ready.then(() => { figure.dataset.ready = "yes"; });
  figure.toggleAttribute("data-started", true);
}

function namePins(map, layers, { features }, words) {
  const told = new Map(features.map((feature) => [feature.id, feature.properties]));
  const pins = new Map();
  for (const kind of ["company", "festival", "stop", "start"]) {
    layers[kind]?.eachLayer((pin) => {
      const one = told.get(pin.feature.id);
      if (!one) return;
      const live = document.querySelector(`[data-pin="${CSS.escape(pin.feature.id)}"]`);
      pins.set(pin.feature.id, pin);
      const dress = () => dressPin(pin, one, live, words);
      pin.on("add", dress);
      dress();
      pin.bindPopup(() => popupOf(one, live, words), { maxWidth: 260, minWidth: 180, closeOnEscapeKey: false, autoPanPadding: [12, 12] });
    });
  }
  layers.lines?.eachLayer((ride) => {
    const one = told.get(ride.feature.id);
    if (one?.name) ride.bindPopup(() => popupOf({ ...one, kind: "ride" }, null, words), { maxWidth: 260 });
  });
  givePopups(map, words);
  const open = (id) => {
    const pin = pins.get(id);
    if (!pin) return false;
    if (!map.hasLayer(pin)) return false;
    map.closePopup();
    map.setView(pin.getLatLng(), Math.max(map.getZoom(), 15), { animate: false });
    pin.openPopup();
    return true;
  };
  const figure = map.getContainer().closest("[data-globals]");
  if (figure.dataset.open) open(figure.dataset.open);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-show]");
    if (link && open(link.dataset.show)) {
      event.preventDefault();
      figure.scrollIntoView({ block: "nearest" });
    }
  });
}

function dressPin(pin, one, live, words) {
  const box = pin.getElement();
  if (!box) return;
  const dot = element("span", "dot", one.number ? String(one.number) : "");
  box.replaceChildren(dot, element("span", "tip", one.name));
  const state = live?.dataset.state;
  if (state) box.dataset.state = state;
  const said = (one.number ? `${one.number}. ` : "") + one.name + (state ? `, ${words[state]}` : "");
  box.setAttribute("aria-label", said);
  box.onkeydown = (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    pin.openPopup();
  };
}

function popupOf(one, live, words) {
  const box = element("div", "about");
  box.append(element("h3", "", one.name));
  if (one.note) box.append(element("p", "note", one.note));
  for (const part of live?.querySelectorAll("[data-live]") ?? []) box.append(part.cloneNode(true));
  if (one.link) {
    const link = element("a", "", words[one.kind] ?? one.name);
    link.href = one.link;
    box.append(link);
  }
  return box;
}

// A popup takes the focus when it opens and gives it back to its pin when it closes.
function givePopups(map, words) {
  map.on("popupopen", ({ popup }) => {
    map.isOpen = true;
    const box = popup.getElement();
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", box.querySelector("h3").textContent);
    const close = box.querySelector(".leaflet-popup-close-button");
    close.setAttribute("aria-label", words.close);
    close.title = words.close;
    (box.querySelector(".about a") ?? close).focus({ preventScroll: true });
  });
  map.on("popupclose", ({ popup }) => {
    map.isOpen = false;
    const had = popup.getElement()?.contains(document.activeElement);
    if (had || document.activeElement === document.body) popup._source?.getElement?.()?.focus?.({ preventScroll: true });
  });
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
