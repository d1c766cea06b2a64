// The camera: opens it, offers every frame to whoever is free to read it, switches torch, zoom and lens.

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 } };

export class Camera {
  #video;
  #stream = null;
  #canvas = null;
  #onFrame;
  #wants;

  // `wants()` says whether a frame can be read now; `onFrame(frame)` takes it over.
  constructor(video, wants, onFrame) {
    this.#video = video;
    this.#wants = wants;
    this.#onFrame = onFrame;
  }

  // Throws NotAllowedError, NotFoundError or, without HTTPS, Insecure.
  async start(deviceId = null) {
    this.stop();
    if (!navigator.mediaDevices?.getUserMedia) throw Object.assign(new Error("no camera without HTTPS"), { name: "Insecure" });
    const lens = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, ...lens } });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    this.#next(this.#stream);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  get running() {
    return this.#track?.readyState === "live";
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  async torch(on) {
    await this.#track?.applyConstraints({ advanced: [{ torch: on }] });
  }

  // The range of the lens' zoom, or null.
  get zoomRange() {
    return this.#track?.getCapabilities?.().zoom ?? null;
  }

  async zoom(factor) {
    await this.#track?.applyConstraints({ advanced: [{ zoom: factor }] });
  }

  // Opens the next of the phone's cameras.
  async another() {
    const lenses = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const now = this.#track?.getSettings().deviceId;
    const place = lenses.findIndex((one) => one.deviceId === now);
    if (lenses.length > 1) await this.start(lenses[(place + 1) % lenses.length].deviceId);
    return lenses.length;
  }

  #next(stream) {
    const video = this.#video;
    const later = (step) =>
      video.requestVideoFrameCallback ? video.requestVideoFrameCallback(step) : requestAnimationFrame(step);
    const step = async () => {
      if (stream !== this.#stream) return;
      if (this.#wants() && video.videoWidth) await this.#offer();
      later(step);
    };
    later(step);
  }

  async #offer() {
    try {
      this.#onFrame(typeof OffscreenCanvas === "undefined" ? this.#pixels() : await createImageBitmap(this.#video));
    } catch {
      // A frame that is gone while the lens changes: the next one comes.
    }
  }

  #pixels() {
    this.#canvas ??= document.createElement("canvas");
    this.#canvas.width = this.#video.videoWidth;
    this.#canvas.height = this.#video.videoHeight;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.#video, 0, 0);
    return context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
  }
}
