// What a verdict sounds and feels like: two rising notes let in, one low note does not, so that eyes may stay on people.

const NOTES = {
  admitted: [[660, 0, 0.09], [990, 0.1, 0.16]],
  inside: [[440, 0, 0.1], [440, 0.16, 0.1]],
  elsewhere: [[550, 0, 0.1], [415, 0.12, 0.2]],
  early: [[415, 0, 0.1], [415, 0.16, 0.1], [415, 0.32, 0.1]],
  cancelled: [[196, 0, 0.4]],
  unknown: [[160, 0, 0.18], [160, 0.24, 0.3]],
};
const SHAKES = {
  admitted: [60],
  inside: [60, 60, 60],
  elsewhere: [120, 60, 60],
  early: [60, 60, 60, 60, 60],
  cancelled: [400],
  unknown: [200, 80, 300],
};

let context = null;
let muted = false;

// Browsers let a page sound only after a touch: call this from one.
export function wake() {
  context ??= window.AudioContext ? new AudioContext() : null;
  if (context?.state === "suspended") context.resume().catch(() => {});
}

export function mute(on) {
  muted = on;
}

export function tell(kind) {
  const key = kind === "offline" ? "admitted" : kind;
  navigator.vibrate?.(SHAKES[key] ?? []);
  if (muted || context?.state !== "running") return;
  for (const [pitch, from, length] of NOTES[key] ?? []) play(pitch, context.currentTime + from, length);
}

function play(pitch, from, length) {
  const voice = context.createOscillator();
  const volume = context.createGain();
  voice.type = "triangle";
  voice.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, from);
  volume.gain.exponentialRampToValueAtTime(0.5, from + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, from + length);
  voice.connect(volume).connect(context.destination);
  voice.start(from);
  voice.stop(from + length + 0.02);
}
