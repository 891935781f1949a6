import type { Reply, Sample } from "../../src/model";
import clipUrl from "../fixtures/clip.mp4?url";
import type { FakeHost } from "./fake_host";
import { sampleOf } from "./snapshots";

export const CHUNK_BYTES = 3000;

type ChunkReply = Extract<Reply, { type: "chunk" }>;

export const load = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

/** A second of H.264 and AAC, 320 by 180. */
export const clip = await load(clipUrl);

/** A tenth of a second of silence as WAV: 8 bits, 8,000 samples a second. */
export const sound = new Uint8Array([
  ...new TextEncoder().encode("RIFF"),
  ...[0x44, 3, 0, 0],
  ...new TextEncoder().encode("WAVEfmt "),
  ...[16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0],
  ...new TextEncoder().encode("data"),
  ...[0x20, 3, 0, 0],
  ...new Uint8Array(800).fill(128),
]);

export function clipSample(changes: Partial<Sample> = {}, bytes = clip): Sample {
  return sampleOf({
    bytes_done: bytes.length,
    bytes_total: bytes.length,
    chunk_bytes: CHUNK_BYTES,
    ...changes,
  });
}

/** What comes with a chunk of a clip. */
export const chunkReply = (index: number, changes: Partial<ChunkReply> = {}): ChunkReply => ({
  type: "chunk",
  sample: 0,
  generation: 1,
  index,
  count: 1,
  chunk_bytes: CHUNK_BYTES,
  acknowledge: false,
  pulled: false,
  ...changes,
});

/** The kernel pushes the whole clip. */
export function pushClip(host: FakeHost, sample = 0, generation = 1, bytes = clip): void {
  for (let index = 0; index * CHUNK_BYTES < bytes.length; index++) {
    const chunk = bytes.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    host.receive(chunkReply(index, { sample, generation }), new DataView(chunk.buffer));
  }
}

export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
