/** Small enough for many to be kept, large enough to be read. */
const SCALE = 0.6;
const QUALITY = 0.35;

/** A picture of a whole gallery in small, as WebP. Both are data URLs. */
export async function contactSheet(pictureUrl: string): Promise<string> {
  const picture = await createImageBitmap(await (await fetch(pictureUrl)).blob());
  const sheet = document.createElement("canvas");
  sheet.width = Math.round(picture.width * SCALE);
  sheet.height = Math.round(picture.height * SCALE);
  const pen = sheet.getContext("2d") as CanvasRenderingContext2D;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, sheet.width, sheet.height);
  picture.close();
  return sheet.toDataURL("image/webp", QUALITY);
}
