/**
 * The contract between the kernel and the page: one JSON trait, and the messages in both directions.
 * The kernel's `snapshot.py` and `messages.py` declare the same fields in the same order; a test compares them.
 */

export type Status =
  | "idle"
  | "running"
  | "downloading"
  | "succeeded"
  | "filtered"
  | "empty"
  | "failed"
  | "stopped"
  | "timed_out";

/**
 * Everything a page shows. Replaced whole; a page ignores one with an older `version`. `wants_poster` asks a page that
 * has the video for a picture of it.
 */
export interface Snapshot {
  version: number;
  status: Status;
  model_name: string;
  operation_id: string;
  label: string | null;
  provider: string;
  key_source: string | null;
  notice: string | null;
  clock: Clock | null;
  polls: Polls;
  retry: Retry | null;
  estimate: Estimate | null;
  filtered: Filtered | null;
  warnings: string[];
  error: ErrorInfo | null;
  needs_key: boolean;
  can_stop: boolean;
  can_resume: boolean;
  samples: Sample[];
  autoplay: boolean;
  loop: boolean;
  wants_poster: boolean;
  form: Form | null;
}

/** Epoch milliseconds of the kernel's clock. `sent_at_ms` lets the page measure how far its own clock is off. */
export interface Clock {
  source: "operation" | "watch";
  started_at_ms: number;
  sent_at_ms: number;
  total_ms: number | null;
}

export interface Polls {
  count: number;
  last_at_ms: number | null;
  next_at_ms: number | null;
}

export interface Retry {
  reason: string;
  next_at_ms: number;
}

/** Of an operation that still runs at this age: how far it is, and how much longer it usually takes. */
export interface EstimateStep {
  age_ms: number;
  done_percent: number;
  low_ms: number;
  high_ms: number;
}

/**
 * How far a running operation is: `done_percent` by the provider's own word, else by `steps`, a table by age, youngest
 * first. It has no steps where the age or the model's latency is unknown.
 */
export interface Estimate {
  done_percent: number | null;
  steps: EstimateStep[];
}

export interface Filtered {
  count: number;
  total: number;
  reasons: string[];
}

/** `kind` is the name of the error's class, `detail` the provider's own words, `help_url` the page that explains it. */
export interface ErrorInfo {
  kind: string;
  message: string;
  detail: string | null;
  next_step: string;
  help_url: string | null;
}

/**
 * One generated video. `generation` grows when its bytes start again from zero. Size in pixels as displayed, codecs
 * (RFC 6381) and how long each frame lasts are what the file says about itself.
 */
export interface Sample {
  state: "waiting" | "downloading" | "ready" | "unavailable" | "gone";
  generation: number;
  bytes_done: number;
  bytes_total: number | null;
  chunk_bytes: number;
  mime_type: string;
  file_name: string;
  saved_to: string | null;
  sha256: string | null;
  width: number | null;
  height: number | null;
  video_codec: string | null;
  audio_codec: string | null;
  frame_duration_s: number | null;
}

/** Asks for an operation. `has_key`: the kernel already holds a key that was typed. */
export interface Form {
  model_names: string[];
  has_key: boolean;
  error: FormError | null;
}

/** Why nothing is watched yet: `request` is the request that this answers, `field` the one to correct, if it is one. */
export interface FormError {
  request: number;
  field: "model_name" | "operation_id" | "key" | null;
  message: string;
}

/** One poll that came back. `status_code` is null where no answer came; `outcome` a status, or an error's class. */
export interface PollEntry {
  at_ms: number;
  took_ms: number;
  status_code: number | null;
  outcome: string;
}

/** What is asked for when somebody looks: the last polls, how many came before them, the last answer, and a report. */
export interface Details {
  earlier: number;
  polls: PollEntry[];
  answer: string | null;
  report: string;
}

/** Page to kernel. `sample` is the 0-based index into `samples`. A "poster" carries one buffer. */
export type Request =
  | { type: "stop"; id: number }
  | { type: "resume"; id: number }
  | { type: "key"; id: number; key: string }
  | { type: "watch"; id: number; model_name: string; operation_id: string; key: string }
  | { type: "sync"; page: number }
  | { type: "pull"; sample: number; generation: number; chunks: number[] }
  | {
      type: "received";
      sample: number;
      generation: number;
      index: number;
      waited_ms: number;
      as_numbers: boolean;
    }
  | { type: "poster"; sample: number; generation: number }
  | { type: "saved"; sample: number; generation: number }
  | { type: "playing" }
  | { type: "details" }
  | { type: "left"; page: number }
  | { type: "gone"; page: number };

/**
 * Kernel to page. A "chunk" carries one buffer: `count` chunks from `index` on, of `chunk_bytes` each, the last of the
 * file of what is left.
 */
export type Reply =
  | { type: "ack"; id: number }
  | { type: "state"; snapshot: Snapshot }
  | {
      type: "chunk";
      sample: number;
      generation: number;
      index: number;
      count: number;
      chunk_bytes: number;
      acknowledge: boolean;
      pulled: boolean;
    }
  | { type: "details"; details: Details };
