/**
 * Films whose frames show their number: eight bars, white for a bit that is set, the lowest on the left.
 *
 * One has 24 frames a second and a sound that goes on behind the last of them, the other 30000/1001 and no sound. Both
 * have frames that refer to later ones (B-frames) and one that stands alone, the first.
 */
import url24 from "../fixtures/numbered_24.mp4?url";
import url2997 from "../fixtures/numbered_29_97.mp4?url";

export interface Film {
  url: string;
  frames: number;
  frameDurationS: number;
}

export const film24: Film = { url: url24, frames: 48, frameDurationS: 1 / 24 };
export const film2997: Film = { url: url2997, frames: 40, frameDurationS: 1001 / 30_000 };

/** The number of the frame in a picture, be it a video that shows it. */
export function numberIn(picture: CanvasImageSource): number {
  const canvas = new OffscreenCanvas(128, 64);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(picture, 0, 0, 128, 64);
  let number = 0;
  for (let bit = 0; bit < 8; bit++) {
    const [red = 0] = context.getImageData(bit * 16 + 8, 32, 1, 1).data;
    if (red > 127) number += 1 << bit;
  }
  return number;
}
