// The night, live: asked again every five seconds. The answer is 304 while nothing has moved, and then nothing is drawn.
// What has the focus is left alone; without this script the page reloads itself.
const EVERY = 5000;
let known = null;

async function look() {
  if (document.hidden) return;
  const headers = { Accept: "text/html", ...(known ? { "If-None-Match": known } : {}) };
  const answer = await fetch(location.href, { cache: "no-store", headers });
  document.querySelector("[data-night]").toggleAttribute("data-old", !answer.ok && answer.status !== 304);
  if (!answer.ok) return;
  known = answer.headers.get("ETag");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-night]");
  const shown = document.querySelector("[data-night]");
  if (fresh && !shown.contains(document.activeElement)) shown.replaceChildren(...fresh.childNodes);
}

const quietly = () => look().catch(() => document.querySelector("[data-night]").setAttribute("data-old", ""));
setInterval(quietly, EVERY);
document.addEventListener("visibilitychange", quietly);
