import type { Sample, Snapshot } from "../../src/model";

/** When the operations of the tests began, in the kernel's clock. */
export const START_MS = 1_800_000_000_000;

/** A running operation, with anything else the test needs. */
export function snapshotOf(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    version: 1,
    status: "running",
    model_name: "veo-3.1-generate-preview",
    operation_id: "mg3pt9cbmvr1",
    label: null,
    provider: "GPTProto",
    key_source: "GPTPROTO_API_KEY in the environment",
    notice: null,
    clock: { source: "operation", started_at_ms: START_MS, sent_at_ms: START_MS, total_ms: null },
    polls: { count: 0, last_at_ms: null, next_at_ms: null },
    retry: null,
    estimate: null,
    filtered: null,
    warnings: [],
    error: null,
    needs_key: false,
    can_stop: true,
    can_resume: false,
    samples: [],
    autoplay: false,
    loop: false,
    wants_poster: false,
    form: null,
    ...changes,
  };
}

/** An operation that ended after 102 seconds. */
export function endedOf(changes: Partial<Snapshot>): Snapshot {
  return snapshotOf({
    can_stop: false,
    clock: {
      source: "operation",
      started_at_ms: START_MS,
      sent_at_ms: START_MS + 102_000,
      total_ms: 102_000,
    },
    ...changes,
  });
}

export function sampleOf(changes: Partial<Sample> = {}): Sample {
  return {
    state: "ready",
    generation: 1,
    bytes_done: 0,
    bytes_total: 10,
    chunk_bytes: 4,
    mime_type: "video/mp4",
    file_name: "mg3pt9cbmvr1.mp4",
    saved_to: null,
    sha256: null,
    width: null,
    height: null,
    video_codec: null,
    audio_codec: null,
    frame_duration_s: null,
    ...changes,
  };
}
