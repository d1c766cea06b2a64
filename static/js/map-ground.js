// The ground of a map: our own shapes and names of Sion, below the tiles, so that no map is ever blank.
function layGround(map, address) {
  const shapes = L.svg({ pane: "ground", padding: 0.5 });
  const pane = map.getPane("ground");
  for (const name of ["ground", "labels"]) map.getPane(name).setAttribute("aria-hidden", "true");
  const scale = () => {
    const zoom = map.getZoom();
    pane.style.setProperty("--w", (1.55 ** (zoom - 13)).toFixed(2));
    map.getContainer().dataset.detail = [12, 13, 14, 15.5].filter((from) => zoom >= from).length;
  };
  map.on("zoomend", scale);
  scale();
  const [box, far] = [[[46.18, 7.27], [46.18, 7.46], [46.28, 7.46], [46.28, 7.27]], [[45.9, 6.8], [45.9, 7.9], [46.6, 7.9], [46.6, 6.8]]];
  L.polygon([far, box], { pane: "ground", renderer: shapes, interactive: false, className: "g g-slope" }).addTo(map);
  return fetch(address)
    .then((answer) => answer.json())
    .then((ground) => L.geoJSON(ground, {
      pane: "ground",
      renderer: shapes,
      interactive: false,
      smoothFactor: 0.7,
      style: ({ properties }) => ({ className: `g g-${properties.class || properties.kind}${properties.covered ? " g-covered" : ""}` }),
      pointToLayer: (feature, at) => L.marker(at, { pane: "labels", interactive: false, keyboard: false, icon: groundName(feature.properties) }),
    }).addTo(map));
}

function groundName({ kind, name, rank, angle }) {
  const text = document.createElement("span");
  text.textContent = name;
  if (angle) text.style.rotate = `${angle}deg`;
  return L.divIcon({ className: `name name-${kind} rank-${rank || 0}`, html: text, iconSize: [0, 0] });
}

// Rides: a pale edge under the line, a glow by night, and arrows along it in its direction.
function dressRides(map, rides) {
  const plain = { interactive: false, smoothFactor: 0.8 };
  for (const className of ["edge", "glow"]) {
    rides.eachLayer((ride) => {
      const under = L.polyline(ride.getLatLngs(), { ...plain, className: `ride-${className}` }).addTo(map).bringToBack();
      under.getElement().style.color = ride.options.color;
    });
  }
  const arrows = L.layerGroup().addTo(map);
  const draw = () => {
    arrows.clearLayers();
    const placed = [];
    const room = ([, tip]) => placed.every((other) => other.distanceTo(tip) > 26) && placed.push(tip);
    rides.eachLayer((ride) => {
      const marks = chevrons(ride.getLatLngs().map((at) => map.latLngToLayerPoint(at))).filter(room);
      L.polyline(marks.map((mark) => mark.map((at) => map.layerPointToLatLng(at))), { ...plain, className: "ride-arrows" }).addTo(arrows);
    });
  };
  map.on("zoomend", draw);
  draw();
}

// One open angle every 110 pixels along a line of points, each as three points.
function chevrons(points) {
  const found = [];
  let next = 55;
  for (let i = 1; i < points.length; i += 1) {
    const step = points[i].subtract(points[i - 1]);
    const length = Math.hypot(step.x, step.y);
    for (; length && next <= length; next += 110) {
      const [x, y] = [step.x / length, step.y / length];
      const tip = points[i - 1].add(L.point(x * (next + 3), y * (next + 3)));
      const side = (turn) => tip.add(L.point(-x * 6 - y * turn, -y * 6 + x * turn));
      found.push([side(5), tip, side(-5)]);
    }
    next -= length;
  }
  return found;
}
