import { drawn } from "./poster";

const PNG = "image/png";

/**
 * The frame on screen as the URL of a PNG, as large as the video is; null where the browser cannot make one. At once:
 * `toBlob` waits until the page has nothing else to do, up to ten seconds.
 */
export function framePicture(video: HTMLVideoElement): string | null {
  if (video.readyState < video.HAVE_CURRENT_DATA || !video.videoWidth) return null;
  const url = drawn(video).canvas.toDataURL(PNG);
  // Of a canvas that is too large there is an empty URL.
  return url.startsWith(`data:${PNG}`) ? url : null;
}

/** That of the video, and the time: "mg3pt9cbmvr1-2-at-01.250s.png". */
export function frameFileName(videoFileName: string, timeS: number): string {
  const stem = videoFileName.replace(/\.[^.]*$/, "");
  return `${stem}-at-${timeS.toFixed(3).padStart(6, "0")}s.png`;
}
