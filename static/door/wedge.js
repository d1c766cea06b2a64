// A hand scanner types what it reads, faster than fingers, and ends with Enter.

const PAUSE = 400; // ms between two keys after which a new text begins
const SHORTEST = 8;

export function listenToScanner(onText) {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.timeStamp - last > PAUSE) typed = "";
    last = event.timeStamp;
    if (event.key === "Enter" && typed.length >= SHORTEST) {
      event.preventDefault();
      onText(typed);
      typed = "";
    } else if (event.key.length === 1 && typed.length < 512) {
      typed += event.key;
    }
  });
}
