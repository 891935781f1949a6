import { element } from "./dom";

/** The kernel takes none that is larger (`poster.py`). */
const LIMIT_BYTES = 40_000;
/** Two copies of it are in the saved notebook, which people keep in version control and mail. */
const SMALL_BYTES = 6_000;
const LONGEST_SIDES = [480, 400, 320];
const QUALITIES = [0.75, 0.6, 0.45];
/** Many clips fade in from black. Seconds from the start. */
const MOMENTS_S = [0, 0.25, 0.5, 1, 2, 3, 5];
/** Mean brightness of 255 from which a frame shows something. */
const BRIGHT = 24;
const PATIENCE_MS = 15_000;

/**
 * The first frame of a video that is not black, as a small JPEG; null where the browser cannot make one. The player is
 * not touched: an element of its own, which is never in the page, plays nothing and only seeks.
 */
export async function takePoster(url: string, lifetime: AbortSignal): Promise<Blob | null> {
  const signal = AbortSignal.any([lifetime, AbortSignal.timeout(PATIENCE_MS)]);
  const video = element("video", { muted: "", playsinline: "", preload: "auto" });
  try {
    const loaded = heard(video, "loadeddata", signal);
    video.src = url;
    await loaded;
    await seekBrightFrame(video, signal);
    return await encode(video);
  } catch {
    return null;
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}

async function seekBrightFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  let best = { moment: 0, brightness: -1 };
  for (const moment of MOMENTS_S) {
    if (moment > 0 && !(moment < video.duration)) break;
    if (moment > 0) await seek(video, moment, signal);
    const brightness = brightnessOf(video);
    if (brightness >= BRIGHT) return;
    if (brightness > best.brightness) best = { moment, brightness };
  }
  await seek(video, best.moment, signal);
}

async function seek(video: HTMLVideoElement, moment: number, signal: AbortSignal): Promise<void> {
  const arrived = heard(video, "seeked", signal);
  video.currentTime = moment;
  await arrived;
}

/** Resolves with the event, rejects with an error of the video or the end of the signal. */
function heard(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const settle = (then: () => void) => {
      done.abort();
      then();
    };
    video.addEventListener(event, () => settle(resolve), { signal: done.signal });
    video.addEventListener("error", () => settle(() => reject(video.error)), { signal: done.signal });
    signal.addEventListener("abort", () => settle(() => reject(signal.reason)), { signal: done.signal });
    if (signal.aborted) settle(() => reject(signal.reason));
  });
}

function brightnessOf(video: HTMLVideoElement): number {
  const { context, width, height } = drawn(video, 32);
  const pixels = context.getImageData(0, 0, width, height).data;
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    sum += 0.3 * (pixels[at] ?? 0) + 0.6 * (pixels[at + 1] ?? 0) + 0.1 * (pixels[at + 2] ?? 0);
  }
  return (sum * 4) / pixels.length;
}

/** The largest picture that is small, else the smallest that the kernel takes. */
async function encode(video: HTMLVideoElement): Promise<Blob | null> {
  let last: Blob | null = null;
  for (const side of LONGEST_SIDES) {
    const { canvas } = drawn(video, side);
    for (const quality of QUALITIES) {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (blob?.type !== "image/jpeg" || blob.size > LIMIT_BYTES) continue;
      if (blob.size <= SMALL_BYTES) return blob;
      last = blob;
    }
  }
  return last;
}

/** The current frame, its longer side scaled down to this. Sound alone, or pictures that nothing decodes, have none. */
export function drawn(video: HTMLVideoElement, side = Number.POSITIVE_INFINITY) {
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  const width = Math.max(1, Math.round(video.videoWidth * scale));
  const height = Math.max(1, Math.round(video.videoHeight * scale));
  const canvas = element("canvas", { width: String(width), height: String(height) });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || !video.videoWidth) throw new Error("no picture");
  context.drawImage(video, 0, 0, width, height);
  return { canvas, context, width, height };
}
