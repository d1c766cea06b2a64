// What the hour says: which stop comes next, in how long one leaves, how old the page is.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" });

// "in 12 min", "2 h ago"; milliseconds from now, below zero for the past.
function span(milliseconds) {
  const minutes = Math.trunc(milliseconds / 60000);
  return Math.abs(minutes) < 90 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
}

function clock(instant) {
  const parts = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Zurich" };
  return new Intl.DateTimeFormat(document.documentElement.lang, parts).format(instant);
}

// Shows the first stop that has not begun, and hides the others; after the last one, the closing words.
function showNext(root, now) {
  const steps = [...root.querySelectorAll("[data-step]")];
  const next = steps.find((one) => Date.parse(one.dataset.starts) > now);
  for (const one of steps) one.hidden = one !== next;
  for (const one of root.querySelectorAll("[data-after]")) one.hidden = Boolean(next) || !steps.length;
  for (const one of root.querySelectorAll("[data-stop]")) one.toggleAttribute("aria-current", one.dataset.stop === next?.dataset.step);
  if (next) countDown(next, Date.parse(next.dataset.leave) - now);
}

function countDown(step, left) {
  const line = step.querySelector("[data-left]");
  const soon = left < 18 * 3600000;
  step.querySelector("[data-far]").hidden = soon;
  step.querySelector("[data-near]").hidden = !soon;
  line.hidden = !soon;
  line.textContent = left < 60000 && left > -60000 ? line.dataset.left : span(left);
}

function showAge(line, address, isFresh, now = Date.now()) {
  const { at = now } = notes.read(address);
  const words = isFresh ? line.dataset.fresh : line.dataset.old;
  const told = words.replace("#", clock(at)).replace("§", span(at - now));
  if (line.textContent !== told) line.textContent = told;
  line.toggleAttribute("data-stale", !isFresh);
}
