// Which door this phone stands at: the one it keeps, one that a code has opened, or one of whoever is signed in here.
import { tokenIn } from "./token.js";

const BEFORE = "nuit-door"; // where earlier versions kept the pairing

// What the address brings: a pairing code, a ticket that the phone's own camera has read, a door by name ("" = none yet).
export function brought() {
  const hash = location.hash.slice(1, 200);
  const ticket = tokenIn(hash);
  return { ticket, code: ticket ? "" : hash.slice(0, 20), host: new URLSearchParams(location.search).get("hote") };
}

// The door that was open last, or null: {host, company} and a paired phone's `token`.
export async function keptDoor(store) {
  const old = localStorage.getItem(BEFORE);
  if (old) {
    await store.write("door", JSON.parse(old));
    localStorage.removeItem(BEFORE);
  }
  return (await store.read("door")) ?? null;
}

// The doors of the member who is signed in in this browser; none without a network.
export async function doorsHere() {
  try {
    const answer = await fetch("/porte/portes", { headers: { Accept: "application/json" }, redirect: "error", signal: AbortSignal.timeout(8000) });
    const { doors } = await answer.json();
    return answer.ok && Array.isArray(doors) ? doors.map(({ slug, company }) => ({ host: slug, company })) : [];
  } catch {
    return [];
  }
}

// The door to open now, or null where somebody has to choose or to pair; `doors` are those to choose from.
export async function doorToOpen(store, { code, host }) {
  const kept = await keptDoor(store);
  if (code) return { door: null, doors: [] };
  if (kept && (host === null || host === kept.host)) return { door: kept, doors: [] };
  const doors = await doorsHere();
  const chosen = doors.find((one) => one.host === host) ?? (doors.length === 1 && host === null ? doors[0] : null);
  if (chosen) await store.write("door", chosen);
  return { door: chosen, doors };
}
