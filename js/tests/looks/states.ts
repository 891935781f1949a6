/** Every state that a card can be in, as a page comes to it: what the kernel said, and what was done since. */
import type { Details, ErrorInfo, Estimate, Form, Snapshot } from "../../src/model";
import css from "../../src/widget.css?inline";
import { chunkReply, clipSample, pushClip } from "../support/clip";
import { FakeHost } from "../support/fake_host";
import { FakeTime } from "../support/fake_time";
import { button, find, isShown, until } from "../support/page";
import { endedOf, START_MS, sampleOf, snapshotOf } from "../support/snapshots";
import { collect, type State } from "./gallery";

interface CardState extends State<FakeHost> {
  /** None before the kernel has said anything. */
  snapshot: Snapshot | undefined;
}

const LONG_ID = "projects/film-studio/operations/mg3pt9cbmvr1qx7k2w8e5t4y6u9i";

const form = (error: Form["error"] = null): Snapshot =>
  snapshotOf({
    status: "idle",
    model_name: "",
    operation_id: "",
    key_source: null,
    clock: null,
    can_stop: false,
    form: { model_names: ["veo-3.1-generate-preview"], has_key: false, error },
  });

const polls = { count: 14, last_at_ms: START_MS + 41_000, next_at_ms: START_MS + 48_000 };

const running = (changes: Partial<Snapshot> = {}): Snapshot => snapshotOf({ polls, ...changes });

const estimate: Estimate = {
  done_percent: null,
  steps: [
    { age_ms: 0, done_percent: 0, low_ms: 40_000, high_ms: 100_000 },
    { age_ms: 80_000, done_percent: 90, low_ms: 10_000, high_ms: 30_000 },
  ],
};

const details: Details = {
  earlier: 12,
  polls: [
    { at_ms: START_MS + 20_000, took_ms: 180, status_code: 200, outcome: "running" },
    { at_ms: START_MS + 30_000, took_ms: 10_000, status_code: null, outcome: "NetworkError (timeout)" },
    { at_ms: START_MS + 41_000, took_ms: 210, status_code: 200, outcome: "running" },
  ],
  answer: JSON.stringify(
    { name: `models/veo-3.1-generate-preview/operations/${LONG_ID}`, done: false },
    null,
    1,
  ),
  report: "rushes report",
};

const failure: ErrorInfo = {
  kind: "AuthenticationError",
  message: "The API key was not accepted.",
  detail: "Invalid signature",
  next_step: "Check the key, enter another one, or set the environment variable anew and resume.",
  help_url: "https://example.org/errors/authentication_error/",
};

const ended = (changes: Partial<Snapshot>): Snapshot =>
  endedOf({ polls: { ...polls, count: 23, last_at_ms: START_MS + 101_000 }, ...changes });

const withClip = async (host: FakeHost, el: HTMLElement): Promise<void> => {
  pushClip(host);
  await until(() => isShown(el, "video"));
};

/** A video of the shape that the models make, before any of it is here. */
const wide = { width: 1280, height: 720, video_codec: "avc1.64001f", audio_codec: "mp4a.40.2" };

const states: Record<string, CardState> = {
  connecting: { snapshot: undefined },
  form: { snapshot: form() },
  "form, field error": {
    snapshot: form(),
    after(host, el) {
      button(el, "Watch").click();
      const [asked] = host.sentOf("watch");
      const message = "“veo 3.1” is not a model name: it has a space in it.";
      host.receive({ type: "ack", id: asked?.id ?? 0 });
      host.set({
        ...form({ request: asked?.id ?? 0, field: "model_name", message }),
        version: 2,
      });
    },
  },
  idle: { snapshot: snapshotOf({ status: "idle", clock: null, can_stop: false }) },
  running: { snapshot: running() },
  "running, estimate": { snapshot: running({ estimate, label: "Take 3, the red kite" }) },
  "running, long names": {
    snapshot: running({
      label: "A kite over the dunes at dusk, slow pan to the left, second try with the seed of the first",
      operation_id: LONG_ID,
      model_name: "publishers/google/models/veo-3.1-fast-generate-preview",
    }),
  },
  "waiting for the running cell": {
    snapshot: running(),
    after(host, el) {
      button(el, "Stop watching").click();
      host.time.advance(1500);
    },
  },
  reconnecting: {
    snapshot: running({
      retry: {
        reason: "GPTProto answered HTTP 503: The service is overloaded. The endpoint has trouble of its own.",
        next_at_ms: START_MS + 48_000,
      },
    }),
  },
  "kernel silent": { snapshot: running(), after: (host) => host.time.advance(60_000) },
  "running, details": {
    snapshot: running(),
    async after(host, el) {
      const panel = find<HTMLDetailsElement>(el, "details");
      const opened = new Promise((resolve) => panel.addEventListener("toggle", resolve, { once: true }));
      find(panel, "summary").click();
      await opened;
      host.receive({ type: "details", details });
    },
  },
  downloading: {
    snapshot: running({
      status: "downloading",
      samples: [sampleOf({ state: "downloading", bytes_done: 3_200_000, bytes_total: 7_100_000, ...wide })],
    }),
  },
  loading: {
    snapshot: ended({ status: "succeeded", samples: [clipSample({ ...wide, bytes_total: 7_100_000 })] }),
    after(host) {
      host.receive(chunkReply(0), new Uint8Array(3000));
      host.time.advance(500);
    },
  },
  "succeeded, 1 sample": {
    snapshot: ended({ status: "succeeded", samples: [clipSample({ frame_duration_s: 1 / 24 })] }),
    after: withClip,
  },
  "keys of the player": {
    snapshot: ended({ status: "succeeded", samples: [clipSample({ frame_duration_s: 1 / 24 })] }),
    async after(host, el) {
      await withClip(host, el);
      button(el, "Keys of the player").click();
    },
  },
  "succeeded, 3 samples": {
    snapshot: ended({
      status: "succeeded",
      label: "Take 3, the red kite",
      samples: [clipSample(), clipSample(), clipSample({ state: "unavailable" })],
    }),
    after: withClip,
  },
  "succeeded, without sound here": {
    snapshot: ended({
      status: "succeeded",
      samples: [clipSample({ video_codec: "avc1.42c00c", audio_codec: "ac-4.02.01.00" })],
      warnings: ["Audio was left out: it may contain speech that resembles a real person."],
    }),
    after: withClip,
  },
  "succeeded, some withheld": {
    snapshot: ended({
      status: "succeeded",
      samples: [clipSample()],
      filtered: { count: 1, total: 2, reasons: ["Support codes: 17301594"] },
    }),
    after: withClip,
  },
  "succeeded on a temporary machine": {
    snapshot: ended({
      status: "succeeded",
      notice: "temporary machine: save this video",
      samples: [clipSample({ saved_to: "/content/videos/mg3pt9cbmvr1.mp4" })],
    }),
    after: withClip,
  },
  "succeeded, file removed": {
    snapshot: ended({ status: "succeeded", samples: [sampleOf({ state: "gone" })] }),
  },
  "succeeded, not playable here": {
    snapshot: ended({ status: "succeeded", samples: [clipSample({ video_codec: "dvh1.05.06" })] }),
    after: (host) => pushClip(host),
  },
  filtered: {
    snapshot: ended({
      status: "filtered",
      filtered: { count: 2, total: 2, reasons: ["Celebrity likeness. Support codes: 15236754"] },
      error: {
        kind: "OperationFilteredError",
        message: "The provider's safety filter withheld the video.",
        detail: null,
        next_step:
          "Change the prompt or the input image and submit again; asking again for this operation changes nothing.",
        help_url: "https://example.org/errors/operation_filtered_error/",
      },
    }),
  },
  empty: {
    snapshot: ended({
      status: "empty",
      error: {
        kind: "NoVideoError",
        message: "The operation finished without a video.",
        detail: null,
        next_step:
          "Submit the request again; if it happens twice, show the operation ID to the provider's support.",
        help_url: "https://example.org/errors/no_video_error/",
      },
    }),
  },
  failed: {
    snapshot: ended({
      status: "failed",
      error: {
        kind: "OperationFailedError",
        message: "The generation failed (code 13): Internal error.",
        detail: "Internal error.",
        next_step: "Change the request as the message says, or submit it again.",
        help_url: "https://example.org/errors/operation_failed_error/",
      },
    }),
  },
  "failed, key form": {
    snapshot: ended({ status: "failed", can_resume: true, needs_key: true, error: failure }),
  },
  stopped: { snapshot: ended({ status: "stopped", can_resume: true }) },
  "timed out": {
    snapshot: ended({
      status: "timed_out",
      can_resume: true,
      error: {
        kind: "WatchTimeoutError",
        message: "The operation was still running when the watch's time was up; the generation goes on.",
        detail: null,
        next_step: "Resume to watch it longer; watch(..., timeout=...) sets how long.",
        help_url: "https://example.org/errors/watch_timeout_error/",
      },
    }),
  },
};

/** At 0:42 of its operation where it has a clock. */
export const cards = collect<FakeHost, CardState>(
  "card",
  css,
  states,
  ({ snapshot }) => new FakeHost(snapshot, new FakeTime(START_MS + 42_000)),
);
