// Live places: while the page is looked at, its [data-live] parts are asked for again every half minute.
// The answer is 304 while nothing has moved. What has the focus is left alone.
const EVERY = 30000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { cache: "no-cache", headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    if (newer && !part.contains(document.activeElement) && newer.innerHTML !== part.innerHTML) part.replaceChildren(...newer.childNodes);
  }
}

const quietly = () => refresh().catch(() => { /* no network: the page says when its figures were true */ });
setInterval(quietly, EVERY);
document.addEventListener("visibilitychange", quietly);
