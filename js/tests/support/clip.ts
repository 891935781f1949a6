import type { Sample } from "../../src/model";
import clipUrl from "../fixtures/clip.mp4?url";
import type { FakeHost } from "./fake_host";
import { sampleOf } from "./snapshots";

const CHUNK_BYTES = 3000;

/** A second of H.264 and AAC, 320 by 180. */
export const clip = new Uint8Array(await (await fetch(clipUrl)).arrayBuffer());

export function clipSample(changes: Partial<Sample> = {}): Sample {
  return sampleOf({
    bytes_done: clip.length,
    bytes_total: clip.length,
    chunk_bytes: CHUNK_BYTES,
    ...changes,
  });
}

/** The kernel pushes the whole clip. */
export function pushClip(host: FakeHost, sample = 0, generation = 1): void {
  for (let index = 0; index * CHUNK_BYTES < clip.length; index++) {
    const chunk = clip.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    host.receive({ type: "chunk", sample, generation, index, count: 1 }, new DataView(chunk.buffer));
  }
}

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
