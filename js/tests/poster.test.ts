import { afterEach, expect, test, vi } from "vitest";
import { takePoster } from "../src/poster";
import clipUrl from "./fixtures/clip.mp4?url";
import fromBlackUrl from "./fixtures/from_black.mp4?url";
import { sound } from "./support/clip";
import { trackListeners } from "./support/listeners";

afterEach(() => vi.restoreAllMocks());

const never = new AbortController().signal;

async function pixelsOf(picture: Blob): Promise<{ width: number; height: number; brightest: number }> {
  const image = await createImageBitmap(picture);
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return {
    width: image.width,
    height: image.height,
    brightest: data.reduce((most, value, at) => (at % 4 < 3 ? Math.max(most, value) : most), 0),
  };
}

test("the picture is a small JPEG of the video's shape", async () => {
  const picture = (await takePoster(clipUrl, never)) as Blob;
  expect(picture.type).toBe("image/jpeg");
  expect(picture.size).toBeLessThanOrEqual(6_000);
  expect(new Uint8Array(await picture.arrayBuffer()).slice(0, 3)).toEqual(new Uint8Array([0xff, 0xd8, 0xff]));
  const { width, height } = await pixelsOf(picture);
  expect([width, height]).toEqual([320, 180]);
});

test("frames before the first that is not black are passed over", async () => {
  const { brightest } = await pixelsOf((await takePoster(fromBlackUrl, never)) as Blob);
  expect(brightest).toBeGreaterThan(150);
});

/** Makes each picture as large as `size` says of its width and quality; what was tried is returned. */
function picturesOf(size: (width: number, quality: number) => number): string[] {
  const tried: string[] = [];
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation(function (
    this: HTMLCanvasElement,
    done,
    type,
    quality = 1,
  ) {
    tried.push(`${this.width}@${quality}`);
    done(new Blob([new Uint8Array(size(this.width, quality))], { type: type ?? "" }));
  });
  return tried;
}

test("the first picture that is small is taken", async () => {
  const tried = picturesOf((_, quality) => (quality > 0.6 ? 6_001 : 6_000));
  expect((await takePoster(clipUrl, never))?.size).toBe(6_000);
  expect(tried).toEqual(["320@0.75", "320@0.6"]);
});

test("where none is small, the smallest that the kernel takes", async () => {
  picturesOf((_, quality) => (quality > 0.6 ? 40_001 : quality * 10_000 + 7_000));
  expect((await takePoster(clipUrl, never))?.size).toBe(11_500);
});

test("a picture that the kernel would not take is none", async () => {
  const tried = picturesOf(() => 40_001);
  expect(await takePoster(clipUrl, never)).toBeNull();
  expect(tried).toHaveLength(9);
});

test("without a picture that fits there is none", async () => {
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done) => done(null));
  expect(await takePoster(clipUrl, never)).toBeNull();
});

test("a file that the browser cannot decode has no picture", async () => {
  const noise = URL.createObjectURL(new Blob([new Uint8Array(600)], { type: "video/mp4" }));
  expect(await takePoster(noise, never)).toBeNull();
  URL.revokeObjectURL(noise);
});

test("sound alone has no picture", async () => {
  const url = URL.createObjectURL(new Blob([sound], { type: "audio/wav" }));
  const drawing = vi.spyOn(HTMLCanvasElement.prototype, "getContext");
  expect(await takePoster(url, never)).toBeNull();
  expect(drawing).toHaveBeenCalled(); // it was loaded
  URL.revokeObjectURL(url);
});

test("a model that goes takes no picture any more, and nothing of the attempt is left", async () => {
  const { left, restore } = trackListeners();
  const gone = new AbortController();
  const picture = takePoster(clipUrl, gone.signal);
  gone.abort();
  expect(await picture).toBeNull();
  restore();
  expect(left()).toEqual([]);
});
