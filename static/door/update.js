// Keeps the app on the phone and lets a new version in between two tickets, never during one.

const LOOK_EVERY = 15 * 60_000;
const TRY_EVERY = 2_000;

// `isIdle()` says whether nobody is being let in right now. Answers whether the app opens without a network.
export async function keepFresh(isIdle) {
  if (!navigator.serviceWorker) return false;
  const tongue = document.documentElement.lang.slice(0, 2);
  const before = navigator.serviceWorker.controller;
  if (before) navigator.serviceWorker.addEventListener("controllerchange", () => whenIdle(isIdle, () => location.reload()), { once: true });
  try {
    const registration = await navigator.serviceWorker.register(`/porte/gardien-${tongue}.js`, { scope: "/porte", type: "module", updateViaCache: "none" });
    setInterval(() => registration.update().catch(() => {}), LOOK_EVERY);
    document.addEventListener("visibilitychange", () => document.hidden || registration.update().catch(() => {}));
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
