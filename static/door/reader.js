// The reader seen from the page: one frame at a time goes to the worker, later frames wait for nobody.

export class Reader {
  #worker;
  #busy = false;
  #onText;
  #at = 0;

  // `onText(text, at)`: what was read, and when its frame was taken.
  constructor(onText) {
    this.#onText = onText;
    this.#worker = new Worker(new URL("./reader-worker.js", import.meta.url), { type: "module" });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.addEventListener("message", ({ data }) => this.#answer(data, resolve, reject));
      this.#worker.addEventListener("error", () => reject(new Error("reader")));
    });
  }

  #answer(data, resolve, reject) {
    if (data.ready) return resolve();
    if (data.fault && data.text === undefined) return reject(new Error(data.fault));
    this.#busy = false;
    if (data.text) this.#onText(data.text, this.#at);
  }

  get busy() {
    return this.#busy;
  }

  // Takes the frame over: an ImageBitmap, or pixels where the browser cannot draw off the page.
  read(frame) {
    this.#busy = true;
    this.#at = performance.now();
    this.#worker.postMessage(frame, [frame instanceof ImageBitmap ? frame : frame.data.buffer]);
  }

  close() {
    this.#worker.terminate();
  }
}
