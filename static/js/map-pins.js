// Pins: their names, their state, what they say when they are opened; and heaps, where pins would hide one another.
// Pixels from centre to centre below which two pins cannot both be touched, or pointed at with a mouse.
const HEAP = matchMedia("(any-pointer: coarse)").matches ? 36 : 30;

function namePins(figure, map, layers, { features }, words) {
  const told = new Map(features.map((feature) => [feature.id, feature.properties]));
  const pins = new Map();
  for (const kind of ["company", "festival", "stop", "start"]) {
    layers[kind]?.eachLayer((pin) => {
      const one = told.get(pin.feature.id);
      if (!one) return;
      one.live = document.querySelector(`[data-pin="${CSS.escape(pin.feature.id)}"]`);
      pin.one = one;
      pin.on("add", () => dressPin(pin, one, words));
      dressPin(pin, one, words);
      pin.bindPopup(() => popupOf(one, words), POPUP);
      pins.set(pin.feature.id, pin);
    });
  }
  layers.lines?.eachLayer((ride) => {
    const one = told.get(ride.feature.id);
    if (one?.name) ride.bindPopup(() => popupOf({ ...one, kind: "ride" }, words), POPUP);
  });
  givePopups(map, words);
  const all = [...pins.values()];
  const heapOf = heapPins(map, layers, all, words);
  const open = (id) => {
    const pin = pins.get(id);
    if (!pin || !map.hasLayer(layers[pin.one.kind])) return false;
    map.closePopup();
    map.setView(pin.getLatLng(), Math.max(map.getZoom(), 16), { animate: false });
    (heapOf.get(pin) ?? pin).openPopup();
    return true;
  };
  if (figure.dataset.open) open(figure.dataset.open);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-show]");
    if (!link || !open(link.dataset.show)) return;
    event.preventDefault();
    figure.scrollIntoView({ block: "nearest" });
  });
  return (kind, places) => {
    layers[kind] = L.layerGroup(places.map((place) => nearPin(kind, place, words)));
    all.push(...layers[kind].getLayers());
  };
}

// A place of use on the way, a letter in a small square: it comes only when its layer is asked for.
const SIGNS = { share: "V", rack: "P", charger: "E", bus: "B" };

function nearPin(kind, [id, lon, lat, name, note], words) {
  const icon = L.divIcon({ className: `pin pin-${kind}`, iconSize: [44, 44], iconAnchor: [22, 22], popupAnchor: [0, -12] });
  const pin = L.marker([lat, lon], { icon });
  pin.feature = { id: `a${id}` };
  pin.one = { kind, name, note };
  pin.on("add", () => {
    fillPin(pin, SIGNS[kind], name);
    pin.getElement().setAttribute("aria-label", note && note !== name ? `${name}, ${note}` : name);
  });
  return pin.bindPopup(() => popupOf({ ...pin.one, note: note === name ? "" : note }, words), POPUP);
}

const POPUP = { maxWidth: 260, minWidth: 180, closeOnEscapeKey: false, autoPanPadding: [12, 12] };

// Pins that would hide one another stand as one disc with their number; opened, it names them all.
function heapPins(map, layers, pins, words) {
  const heaps = L.layerGroup().addTo(map);
  const heapOf = new Map();
  const layOut = () => {
    const focused = map.getContainer().contains(document.activeElement) && document.activeElement.classList.contains("pin");
    heaps.clearLayers();
    heapOf.clear();
    for (const heap of gathered(map, pins.filter((pin) => map.hasLayer(layers[pin.one.kind])))) {
      if (heap.length === 1) {
        heap[0].addTo(map);
        continue;
      }
      for (const pin of heap) pin.remove();
      const disc = heapPin(heap, words).addTo(heaps);
      for (const pin of heap) heapOf.set(pin, disc);
    }
    if (focused && !map.getContainer().contains(document.activeElement)) map.getContainer().focus({ preventScroll: true });
  };
  map.on("zoomend switched", layOut);
  layOut();
  return heapOf;
}

function gathered(map, pins) {
  const found = [];
  for (const pin of pins) {
    const at = map.latLngToLayerPoint(pin.getLatLng());
    const near = found.find((heap) => Math.max(Math.abs(heap.at.x - at.x), Math.abs(heap.at.y - at.y)) < HEAP);
    if (near) near.pins.push(pin);
    else found.push({ at, pins: [pin] });
  }
  return found.map((heap) => heap.pins);
}

function heapPin(heap, words) {
  const numbers = heap.map((pin) => pin.one.number).filter(Boolean);
  const label = numbers.length === heap.length ? numbers.slice(0, 3).join("·") : String(heap.length);
  const kind = heap.some((pin) => pin.one.kind === "stop") ? "stop" : "heap";
  const icon = L.divIcon({ className: `pin pin-${kind}${label.length > 2 ? " pin-long" : ""}`, iconSize: [44, 44], popupAnchor: [0, -12] });
  const disc = L.marker(heap[0].getLatLng(), { icon, zIndexOffset: 500 });
  const state = ["many", "few", "full", "over"].find((one) => heap.some((pin) => pin.one.live?.dataset.state === one));
  disc.on("add", () => {
    fillPin(disc, label, words.crowd);
    if (state) disc.getElement().dataset.state = state;
    disc.getElement().setAttribute("aria-label", `${label}, ${words.crowd}, ${heap.map((pin) => pin.one.name).join(", ")}`);
  });
  return disc.bindPopup(() => {
    const box = element("div", "about", "");
    box.append(element("p", "title", words.crowd));
    const list = box.appendChild(element("ul", "", ""));
    for (const { one, feature } of heap) {
      const item = list.appendChild(element("li", "", ""));
      item.dataset.of = feature.id;
      item.append(linkOf(one, one.name), ...liveParts(one));
    }
    return box;
  }, POPUP);
}

function dressPin(pin, one, words) {
  fillPin(pin, one.number ? String(one.number) : "", one.name);
  const state = one.live?.dataset.state;
  if (state) pin.getElement().dataset.state = state;
  const said = (one.number ? `${one.number}. ` : "") + one.name + (state ? `, ${words[state]}` : "");
  pin.getElement().setAttribute("aria-label", said);
}

function fillPin(pin, label, name) {
  const box = pin.getElement();
  box.replaceChildren(element("span", "dot", label), element("span", "tip", name));
  box.onkeydown = (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    pin.openPopup();
  };
}

function popupOf(one, words) {
  const box = element("div", "about", "");
  box.append(element("p", "title", one.name));
  if (one.note) box.append(element("p", "note", one.note));
  box.append(...liveParts(one));
  if (one.link) box.append(linkOf(one, words[one.kind] ?? one.name));
  return box;
}

function linkOf(one, text) {
  const made = element(one.link ? "a" : "span", "", text);
  if (one.link) made.href = one.link;
  return made;
}

function liveParts(one) {
  return [...(one.live?.querySelectorAll("[data-live]") ?? [])].map((part) => part.cloneNode(true));
}

// A popup takes the focus when it opens and gives it back to its pin when it closes.
function givePopups(map, words) {
  map.on("popupopen", ({ popup }) => {
    map.isOpen = true;
    const box = popup.getElement();
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", box.querySelector(".title").textContent);
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
