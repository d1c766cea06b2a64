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
  const names = fetch(figure.dataset.names).then((answer) => answer.json());
  Promise.all([
    layGround(map, figure),
    names.then((told) => namePins(figure, map, layers, told, words)),
  ]).then(() => { figure.dataset.ready = "yes"; });
  figure.toggleAttribute("data-started", true);
}
