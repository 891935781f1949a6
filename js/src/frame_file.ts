import { drawn } from "./poster";

/** The frame on screen as PNG, as large as the video is; null where the browser cannot make one. */
export async function framePicture(video: HTMLVideoElement): Promise<Blob | null> {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
  const { canvas } = drawn(video);
  return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** That of the video, and the time: "mg3pt9cbmvr1-2-at-01.250s.png". */
export function frameFileName(videoFileName: string, timeS: number): string {
  const stem = videoFileName.replace(/\.[^.]*$/, "");
  return `${stem}-at-${timeS.toFixed(3).padStart(6, "0")}s.png`;
}
