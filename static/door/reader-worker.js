// Reads QR codes out of frames, off the page's own thread. Only this script's response may compile WebAssembly.
import { prepareZXingModule, readBarcodes } from "/static/vendor/zxing-wasm@3.1.4/es/reader/index.js";

const OPTIONS = { formats: ["QRCode"], maxNumberOfSymbols: 1, textMode: "Plain", tryHarder: true, tryInvert: true };

const ready = prepareZXingModule({
  overrides: { locateFile: (name) => `/static/vendor/zxing-wasm@3.1.4/reader/${name}` },
  fireImmediately: true,
});
ready.then(() => postMessage({ ready: true }), (fault) => postMessage({ fault: String(fault) }));

let canvas = null;

function pixels(frame) {
  if (!(frame instanceof ImageBitmap)) return frame;
  canvas ??= new OffscreenCanvas(frame.width, frame.height);
  canvas.width = frame.width;
  canvas.height = frame.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(frame, 0, 0);
  frame.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

onmessage = async ({ data: frame }) => {
  try {
    await ready;
    const [found] = await readBarcodes(pixels(frame), OPTIONS);
    postMessage({ text: found?.isValid ? found.text : null });
  } catch (fault) {
    postMessage({ text: null, fault: String(fault) });
  }
};
