// Keeps the app on the phone and lets a new version in between two tickets, never during one.

const LOOK_EVERY = 15 * 60_000;
const TRY_EVERY = 2_000;

// `isIdle()` says whether nobody is being let in right now. Answers whether the app opens without a network.
export async function keepFresh(isIdle) {
  if (!navigator.serviceWorker) return false;
  const tongue = document.documentElement.lang.slice(0, 2);
  let had = Boolean(navigator.serviceWorker.controller); // the first one to come belongs to this very page
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) whenIdle(isIdle, () => location.reload());
    had = true;
  });
  const keep = () => navigator.serviceWorker.register(`/porte/gardien-${tongue}.js`, { scope: "/porte", type: "module", updateViaCache: "none" });
  try {
    let registration = await keep();
    // Where the line went before everything was on the phone, it is asked for again; else a newer version is looked for.
    const look = async () => {
      if (!registration.active && !registration.installing) registration = await keep().catch(() => registration);
      else await registration.update().catch(() => {});
    };
    setInterval(look, LOOK_EVERY);
    window.addEventListener("online", look);
    document.addEventListener("visibilitychange", () => document.hidden || look());
    whenIdle(() => registration.waiting && isIdle(), () => registration.waiting.postMessage("take over"), true);
    return true;
  } catch {
    return false;
  }
}

// Asks the browser to empty the queue once there is a line, even after this page has gone.
export async function sendLater() {
  const registration = await navigator.serviceWorker?.getRegistration("/porte");
  await registration?.sync?.register("scans").catch(() => {});
}

function whenIdle(isIdle, act, again = false) {
  const timer = setInterval(() => {
    if (!isIdle()) return;
    if (!again) clearInterval(timer);
    act();
  }, TRY_EVERY);
}
