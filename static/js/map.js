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
  const brought = {};
  let near;
  const bring = (kind) => {
    near ??= fetch(figure.dataset.near).then((answer) => answer.json()).catch((error) => { near = undefined; throw error; });
    brought[kind] ??= Promise.all([pinned, near])
      .then(([add, told]) => add(kind, told[kind]))
      .catch((error) => { delete brought[kind]; throw error; });
    return brought[kind];
  };
  giveSwitches(figure, map, layers, bring);
  if (layers.lines) dressRides(map, layers.lines);
  const pinned = fetch(figure.dataset.names)
    .then((answer) => answer.json())
    .then((told) => namePins(figure, map, layers, told, words));
  Promise.all([
    layGround(map, figure),
    pinned,
  ]).then(() => { figure.dataset.ready = "yes"; });
  figure.toggleAttribute("data-started", true);
}
