// The ground of a map: squares of our own shapes and names, below the tiles, so that no map is ever blank.
const LOWEST = 12; // zooms of squares; nearer and farther ones are scaled
const HIGHEST = 16;

function layGround(map, figure) {
  const [west, south, east, north] = figure.dataset.box.split(" ").map(Number);
  for (const name of ["ground", "labels"]) map.getPane(name).setAttribute("aria-hidden", "true");
  map.getContainer().toggleAttribute("data-sketch", "sketch" in figure.dataset);
  const scale = () => {
    const zoom = map.getZoom();
    map.getContainer().dataset.detail = [12, 13, 14, 15.5].filter((from) => zoom >= from).length;
  };
  map.on("zoomend", scale);
  scale();
  const names = L.layerGroup().addTo(map);
  const ground = L.gridLayer({
    pane: "ground", tileSize: 512, minNativeZoom: LOWEST, maxNativeZoom: HIGHEST, minZoom: 0, maxZoom: 18,
    bounds: [[south, west], [north, east]], noWrap: true, keepBuffer: 1, updateWhenZooming: false,
  });
  ground.createTile = (at, done) => {
    const box = document.createElement("div");
    fetch(`${figure.dataset.ground}${at.z}-${at.x}-${at.y}.json`)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
      .then((square) => {
        box.append(drawSquare(square));
        box.names = L.layerGroup(square.names.map((name) => groundName(map, at, name)));
        if (box.gone) return;
        names.addLayer(box.names);
        done(null, box);
      })
      .catch((error) => done(error, box));
    return box;
  };
  ground.on("tileunload", ({ tile }) => {
    tile.gone = true;
    if (tile.names) names.removeLayer(tile.names);
  });
  return new Promise((ready) => {
    ground.on("load", ready);
    ground.addTo(map);
    if (!ground.isLoading()) ready();
  });
}

const SVG = "http://www.w3.org/2000/svg";

function drawSquare({ size, zoom, paths }) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", `0 0 ${size} ${size}`);
  made.style.setProperty("--w", ((1.55 ** (zoom - 13) * size) / 512).toFixed(2));
  for (const [kind, d] of paths) {
    const path = made.appendChild(document.createElementNS(SVG, "path"));
    path.setAttribute("class", `g g-${kind}`);
    path.setAttribute("d", d);
  }
  return made;
}

// A name of a square: where it stands comes in thousandths of the square.
function groundName(map, { x, y, z }, [kind, rank, angle, across, down, name]) {
  const text = document.createElement("span");
  text.textContent = name;
  if (angle) text.style.rotate = `${angle}deg`;
  const icon = L.divIcon({ className: `name name-${kind} rank-${rank}`, html: text, iconSize: [0, 0] });
  const at = map.unproject([(x + across / 1000) * 512, (y + down / 1000) * 512], z);
  return L.marker(at, { pane: "labels", interactive: false, keyboard: false, icon });
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
