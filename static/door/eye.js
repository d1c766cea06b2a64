// The eye of the door: camera and reader together, what they say when they cannot, and a screen that stays awake.
import { Camera } from "./camera.js";
import { Reader } from "./reader.js";
import { say } from "./words.js";

const REFUSED = { NotAllowedError: "camera_denied", NotFoundError: "camera_missing", Insecure: "camera_https" };

export class Eye {
  #root;
  #view;
  #camera;
  #reader = null;
  #onText;

  // `mayRead()` says whether codes are wanted now; `onText(text, at)` gets them, with the time of their frame.
  constructor(root, view, mayRead, onText) {
    this.#root = root;
    this.#view = view;
    this.#onText = (text, at) => mayRead() && onText(text, at);
    this.#camera = new Camera(view.querySelector("video"), () => mayRead() && !this.#reader.busy, (frame) => this.#reader.read(frame));
  }

  async open() {
    this.#reader ??= new Reader(this.#onText);
    try {
      await Promise.all([this.#camera.start(), this.#reader.ready]);
      this.#tell("");
      this.#root.dataset.reading = "yes";
      stayAwake();
    } catch (fault) {
      this.#tell(say(REFUSED[fault.name] ?? "camera_none"));
    }
    this.#view.querySelector("[data-torch]").hidden = !this.#camera.hasTorch;
    this.#view.querySelector("[data-start]").hidden = this.#camera.running;
    this.#tellZoom();
  }

  // A phone that slept has let go of its camera and of the screen.
  comeBack() {
    return this.#camera.running ? stayAwake() : this.open();
  }

  close() {
    this.#camera.stop();
  }

  async another() {
    if ((await this.#camera.another()) < 2) this.#tell(say("one_lens"));
    this.#tellZoom();
  }

  async torch(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    await this.#camera.torch(on);
    button.setAttribute("aria-pressed", String(on));
  }

  #tellZoom() {
    const range = this.#camera.zoomRange;
    const control = this.#root.querySelector("[data-zoom]");
    control.hidden = !range || range.max <= range.min;
    if (control.hidden) return;
    const input = control.querySelector("input");
    Object.assign(input, { min: range.min, max: range.max, step: range.step || 0.1, value: range.min });
    input.oninput = () => this.#camera.zoom(Number(input.value)).catch(() => {});
  }

  #tell(words) {
    this.#view.querySelector("[data-told]").textContent = words;
  }
}

async function stayAwake() {
  await navigator.wakeLock?.request("screen").catch(() => null);
}
