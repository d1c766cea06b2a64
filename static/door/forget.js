// After signing out: what a member's door knew leaves this browser. Passages that have not been sent yet stay.
import { openStore } from "./store.js";

const known = (await indexedDB.databases?.())?.some((one) => one.name === "nuit-door") ?? true;
if (known) {
  const store = await openStore();
  const door = await store.read("door");
  if (door && !door.token) await store.forget();
}
