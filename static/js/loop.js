// A loop made on its map: companies are picked, way-points set and dragged; each act is the form's own, so the server draws.
const STEP = 0.00009; // degrees of latitude in 10 m
const box = document.querySelector("[data-loop]");

function act(value) {
  const form = box.closest("form");
  const button = document.createElement("button");
  button.name = "act";
  button.value = value;
  button.hidden = true;
  button.setAttribute("formaction", box.dataset.here);
  form.append(button);
  form.requestSubmit(button);
}

const token = ({ lng, lat }) => `w${lng.toFixed(5)},${lat.toFixed(5)}`;

function offer(words, value) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = words;
  button.addEventListener("click", () => act(value));
  return button;
}

// What can be done with a pin: a company joins the loop, a stop leaves it.
function give(box, id, words) {
  const name = box.firstElementChild.textContent;
  const said = (button) => { button.setAttribute("aria-label", `${button.textContent}, ${name}`); return button; };
  if (/^h\d+$/.test(id)) box.append(said(offer(words.add, `pick-${id}`)));
  else if (/^t\d+$/.test(id)) box.append(said(offer(words.drop, `drop-${Number(id.slice(1)) - 1}`)));
}

function start(words) {
  const globals = JSON.parse(box.querySelector("[data-globals]").dataset.globals);
  const map = globalThis[globals.map];
  if (!map) return;
  globalThis[globals.via]?.eachLayer((pin) => giveHold(pin, words));
  map.on("popupopen", ({ popup }) => {
    const id = popup._source?.feature?.id;
    const about = popup.getElement().querySelector(".about");
    for (const item of about.querySelectorAll("[data-of]")) give(item, item.dataset.of, words);
    if (id) give(about, id, words);
    about.querySelector("button")?.focus({ preventScroll: true });
  });
  map.on("click", ({ latlng, originalEvent }) => {
    if (map.isOpen || originalEvent.target.closest(".pin")) return;
    const about = document.createElement("div");
    about.className = "about";
    const title = document.createElement("p");
    title.className = "title";
    title.textContent = words.via;
    about.append(title, offer(words.add, `via-${token(latlng)}`));
    L.popup({ minWidth: 180, autoPanPadding: [12, 12], closeOnEscapeKey: false }).setLatLng(latlng).setContent(about).openOn(map);
  });
}

// A way-point is dragged, or moved by the arrow keys and set down with Enter.
function giveHold(pin, words) {
  const number = Number(pin.feature.id.slice(1)) - 1;
  const put = () => act(`move-${number}-${token(pin.getLatLng())}`);
  let isMoved = false;
  const element = pin.getElement();
  const dot = document.createElement("span");
  dot.className = "dot";
  dot.textContent = String(number + 1);
  element.replaceChildren(dot);
  element.setAttribute("aria-label", `${number + 1}. ${words.point}. ${words.move}`);
  element.title = words.move;
  pin.setZIndexOffset(600);
  pin.dragging.enable();
  pin.bindPopup(() => {
    const about = document.createElement("div");
    about.className = "about";
    const title = about.appendChild(document.createElement("p"));
    title.className = "title";
    title.textContent = words.point;
    return about;
  }, { minWidth: 180, autoPanPadding: [12, 12], closeOnEscapeKey: false });
  element.addEventListener("keydown", (event) => {
    const by = { ArrowUp: [STEP, 0], ArrowDown: [-STEP, 0], ArrowRight: [0, STEP * 1.45], ArrowLeft: [0, -STEP * 1.45] }[event.key];
    if (by) {
      const { lat, lng } = pin.getLatLng();
      pin.setLatLng([lat + by[0], lng + by[1]]);
      isMoved = true;
    } else if (event.key !== "Enter" || !isMoved) return;
    else put();
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  pin.on("dragend", put);
}

if (box) start(JSON.parse(box.dataset.loop));
