// How a map is moved: it never traps the page's own scrolling, and everything works from the keyboard.
function giveHands(figure, map, words) {
  const box = map.getContainer();
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", figure.getAttribute("aria-label"));
  L.control.zoom({ zoomInTitle: words.nearer, zoomOutTitle: words.farther, position: "bottomright" }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  const hint = figure.querySelector("[data-hint]");
  let fading = 0;
  const say = (text) => {
    hint.textContent = text;
    hint.hidden = false;
    clearTimeout(fading);
    fading = setTimeout(() => { hint.hidden = true; }, 1400);
  };
  if (matchMedia("(pointer: coarse)").matches) {
    map.dragging.disable(); // one finger scrolls the page; Leaflet keeps two for moving and zooming
    box.addEventListener("touchmove", (event) => { if (event.touches.length === 1) say(words.fingers); }, { passive: true });
  }
  box.parentElement.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
    say(words.wheel);
  }, { capture: true, passive: true });
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const move = map.panBy;
    map.panBy = (by, options) => move.call(map, by, { ...options, animate: false });
    map.options.inertia = false;
  }
  addEventListener("beforeprint", () => map.invalidateSize({ animate: false }));
  addEventListener("afterprint", () => map.invalidateSize({ animate: false }));
  figure.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && map.isOpen) { map.closePopup(); event.stopPropagation(); }
  });
}

// Boxes to tick above the map show and hide its layers; the choice of ground is kept in this browser.
function giveSwitches(figure, map, layers, bring) {
  const read = () => { try { return localStorage.getItem("tiles"); } catch { return null; } };
  const keep = (on) => { try { localStorage.setItem("tiles", on ? "on" : "off"); } catch { /* private mode */ } };
  const set = (name, on) => {
    if (name === "lines") map.getPane("overlayPane").hidden = !on;
    else if (on) layers[name].addTo(map);
    else layers[name].remove();
    map.fire("switched");
  };
  const chosen = read();
  set("tiles", chosen ? chosen === "on" : map.hasLayer(layers.tiles));
  for (const tick of figure.querySelectorAll("[data-layer]")) {
    const name = tick.dataset.layer;
    if (name === "tiles") tick.checked = map.hasLayer(layers.tiles);
    tick.addEventListener("change", () => {
      if (name === "tiles") keep(tick.checked);
      const there = name in layers ? Promise.resolve() : bring(name);
      there.then(() => set(name, tick.checked)).catch(() => { tick.checked = false; });
    });
    tick.closest("fieldset").hidden = false;
  }
}
