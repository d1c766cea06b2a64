// The frieze of departures: arrow keys go from plate to plate, so that one Tab enters the table and one leaves it.
// Without a script every plate is a link in the order of the page.
const table = document.querySelector("[data-frieze] tbody");
const rows = table ? [...table.rows].map((row) => [...row.cells].slice(1).map((cell) => [...cell.querySelectorAll("a")])) : [];
let kept;

function keep(link) {
  if (kept) kept.tabIndex = -1;
  kept = link;
  link.tabIndex = 0;
}

function place(link) {
  for (let row = 0; row < rows.length; row += 1) {
    for (let column = 0; column < rows[row].length; column += 1) {
      const at = rows[row][column].indexOf(link);
      if (at >= 0) return { row, column, at };
    }
  }
  return null;
}

const beside = (row, column, step) => {
  for (let next = column + step; next >= 0 && next < rows[row].length; next += step) {
    const plates = rows[row][next];
    if (plates.length) return step > 0 ? plates[0] : plates.at(-1);
  }
  return null;
};

// Up and down: the nearest row that has something in this column.
const along = (row, column, step) => {
  for (let next = row + step; next >= 0 && next < rows.length; next += step) {
    const plates = rows[next][column];
    if (plates.length) return step > 0 ? plates[0] : plates.at(-1);
  }
  return null;
};

function wanted(key, { row, column, at }) {
  const plates = rows[row][column];
  if (key === "ArrowRight") return beside(row, column, 1);
  if (key === "ArrowLeft") return beside(row, column, -1);
  if (key === "ArrowDown") return plates[at + 1] ?? along(row, column, 1);
  if (key === "ArrowUp") return plates[at - 1] ?? along(row, column, -1);
  if (key === "Home") return beside(row, -1, 1);
  if (key === "End") return beside(row, rows[row].length, -1);
  return null;
}

if (table) {
  const plates = rows.flat(2);
  for (const one of plates) one.tabIndex = -1;
  if (plates.length) keep(plates[0]);
  table.addEventListener("focusin", (event) => { if (event.target.closest("td a")) keep(event.target.closest("td a")); });
  table.addEventListener("keydown", (event) => {
    const from = event.target.closest("td a") && place(event.target.closest("td a"));
    const to = from && wanted(event.key, from);
    if (!to) return;
    event.preventDefault();
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}
