// Sentences come translated from the page; here they only get their values.
const place = document.querySelector("[data-words]");
const WORDS = JSON.parse(place?.dataset.words ?? "{}");

const hours = new Intl.DateTimeFormat("fr-CH", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Zurich" });

export const hour = (instant) => hours.format(typeof instant === "string" ? Date.parse(instant) : instant);

export function say(key, values = {}) {
  return (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// One or many, as French, German and English tell them apart here: French counts 0 as one.
export function count(key, number, values = {}) {
  const one = number === 1 || (number === 0 && document.documentElement.lang.startsWith("fr"));
  return say(`${key}_${one ? "one" : "many"}`, { ...values, n: number });
}

// « A., adulte »: all that a door says of a person.
export function describe(who) {
  return who ? [who.initial ? `${who.initial}.` : "", who.age_band ? say(`age_${who.age_band}`) : ""].filter(Boolean).join(", ") : "";
}
