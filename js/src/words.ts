/**
 * Every word that a page shows; the kernel's and the provider's own are shown beside them as they came. The board's are
 * an object of their own, which the bundle of the card leaves out.
 */
import type { Row } from "./board/board_model";
import type { Filter } from "./board/choices";
import type { Clock, Filtered, Polls, Snapshot, Status } from "./model";

const headlines: Record<Status, string> = {
  idle: "Not started",
  running: "Generating",
  downloading: "Downloading",
  succeeded: "Video ready",
  filtered: "Withheld by a safety filter",
  empty: "Finished without a video",
  failed: "Failed",
  stopped: "Stopped watching",
  timed_out: "Timed out",
};

// What both objects have: read from one of them, it would keep that one in the bundle of the other.
const connecting = "Waiting for the kernel";
const silent =
  "The kernel is not answering. A running cell may hold it up; if it was stopped, run the cell again.";

const number = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 1 });

/** "40 s", "1 min 20 s", "2 h 5 min". */
function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const parts =
    minutes < 60
      ? [minutes && `${minutes} min`, seconds % 60 && `${seconds % 60} s`]
      : [`${Math.floor(minutes / 60)} h`, minutes % 60 && `${minutes % 60} min`];
  return parts.filter(Boolean).join(" ");
}

/** What an estimate is rounded to: a figure to the second would promise too much. */
function grainMs(ms: number): number {
  if (ms < 60_000) return 5000;
  if (ms < 300_000) return 10_000;
  return ms < 600_000 ? 30_000 : 60_000;
}

/** What a card shows. */
export const words = {
  headline({ status, samples }: Snapshot): string {
    const ready = samples.filter((sample) => sample.state === "ready").length;
    if (ready === 0 && samples.some((sample) => sample.state === "gone")) return "Finished";
    return status === "succeeded" && ready > 1 ? `${ready} videos ready` : headlines[status];
  },

  subject: ({ model_name, provider }: Snapshot): string => `${model_name} · ${provider}`,
  cardName: (operationId: string): string => `Video operation ${operationId}`,
  connecting,

  elapsed(ms: number): string {
    const seconds = Math.floor(ms / 1000);
    const two = (value: number): string => String(value).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    const tail = two(seconds % 60);
    return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
  },
  total: (elapsed: string, status: Status): string =>
    status === "succeeded" ? `took ${elapsed}` : `after ${elapsed}`,
  since: (source: Clock["source"]): string =>
    source === "operation" ? "since the operation was created" : "since this watch began",

  generating: "Progress of the generation",
  percentDone: (provider: string, percent: number): string => `${provider} says ${percent} % done`,
  /** Seconds rounded outwards, so that the range still holds until it is told anew. */
  timeLeft(lowMs: number, highMs: number): string {
    const low = Math.floor(lowMs / grainMs(lowMs)) * grainMs(lowMs);
    const high = Math.ceil(highMs / grainMs(highMs)) * grainMs(highMs);
    return low === 0 ? `Usually up to ${span(high)} more` : `Usually ${span(low)} to ${span(high)} more`;
  },
  longerThanUsual: "Longer than usual",

  polls({ count }: Polls, lastAt: string | undefined): string {
    if (count === 0) return "Not polled yet";
    const times = count === 1 ? "Polled once" : `Polled ${count} times`;
    return lastAt ? `${times}, last at ${lastAt}` : times;
  },
  retry: (reason: string, seconds: number): string =>
    `Reconnecting. ${reason} ${seconds > 0 ? `Next try in ${seconds} s.` : "Trying now."}`,
  silent,
  keySource: (source: string): string => `Key: ${source}`,

  stop: "Stop watching",
  stopHint: (status: Status): string =>
    status === "downloading"
      ? "Stops the download only: what has arrived is kept"
      : "Stops watching only: the generation goes on and may be billed",
  resume: "Resume watching",
  asked: { stop: "Stopping…", resume: "Resuming…", key: "Sending…", watch: "Sending…" },
  waitingForCell: "Waiting for the running cell: the kernel takes this up when the cell ends.",

  stopped: "The generation goes on and may be billed. Resume to pick it up again.",
  stoppedDownload:
    "The video is finished; what has arrived of it is kept. Resume to go on with the download.",

  withheld({ count, total }: Filtered): string | null {
    if (count < 1) return null;
    return total < 1 ? `${count} withheld` : `${count} of ${total} withheld`;
  },
  reasons: (provider: string): string => `${provider} says`,
  whatNext: "What to do next",
  helpPage: "More about this error",
  warning: (provider: string): string => `Note from ${provider}`,

  bytes(value: number): string {
    if (value < 1000) return `${value} B`;
    if (value < 1_000_000) return `${number(value / 1000)} kB`;
    if (value < 1_000_000_000) return `${number(value / 1_000_000)} MB`;
    return `${number(value / 1_000_000_000)} GB`;
  },
  progress: (done: string, total: string | null): string => (total ? `${done} of ${total}` : done),
  fetching: "Downloading to the kernel",
  loading: "Loading into the page",
  stalled: "Waiting for the running cell",
  damaged:
    "The video arrived damaged twice. The kernel's copy is untouched: reload this page, or run the cell again.",
  unavailable: "This video could not be downloaded.",
  gone: "This video's file cannot be read. Run the cell again to fetch it.",

  save: "Save video",
  saveHint: (fileName: string): string => `Save ${fileName}`,
  savedTo: (path: string): string => `Saved to ${path}`,
  samples: "Samples",
  sample: (index: number): string => `Sample ${index + 1}`,
  video: (operationId: string, index: number, total: number): string =>
    total > 1
      ? `Generated video ${index + 1} of ${total}, ${operationId}`
      : `Generated video, ${operationId}`,
  undecodable: "This browser cannot play the video. Save the file to play it elsewhere.",
  noSound: "Plays without sound here: this viewer cannot decode it. The saved file has its sound.",

  controls: "Player",
  playOrPause: "Play or pause",
  previousFrame: "Previous frame",
  nextFrame: "Next frame",
  noFrames: "This file does not tell how long its frames last, so they cannot be stepped through.",
  speed: "Speed",
  speedHint: "Speed (< and >)",
  rate: (rate: number): string => `${rate}×`,
  slower: "Slower",
  faster: "Faster",
  loop: "Loop",
  saveFrame: "Save this frame as PNG",
  frameSaved: (fileName: string): string => `Saved ${fileName}`,
  frameNotSaved: "This browser cannot save the frame.",
  noFile: "No file? Some viewers drop downloads: right-click the video to save it.",
  fullScreen: "Full screen",
  noFullScreen: "This viewer does not allow full screen.",
  keys: "Keys of the player",
  keysWhere:
    "They work while the focus is in the player. Elsewhere, and with Ctrl or Cmd, keys are the notebook's.",
  withKey: (name: string, key: string): string => `${name} (${key.toUpperCase()})`,

  operation: "Operation",
  copy: "Copy operation ID",
  copied: "Copied",
  selected: "Selected: press the copy keys",

  endedWell: "✓",
  endedBadly: "✗",

  details: "Details",
  pollColumns: ["Sent", "HTTP", "Answer", "Took"],
  noStatusCode: "none",
  pollTook: (ms: number): string => (ms < 1000 ? `${number(ms)} ms` : `${number(ms / 1000)} s`),
  pollsTitle: "Polls",
  earlierPolls: (count: number): string => `Not listed: ${number(count)} earlier`,
  noPolls: "No poll has come back yet.",
  lastAnswer: "Last answer",
  copyReport: "Copy report",
  copyReportHint: "For a bug report: state, polls, last answer and versions. Never the key.",
  fetchingReport: "Fetching the report…",
  report: "Report",

  keyLabel: (provider: string): string => `${provider} API key`,
  keyHint: "Stays in the kernel's memory and is not saved in the notebook.",
  useKey: "Use this key",

  formName: "Watch a video operation",
  modelName: "Model name",
  operationId: "Operation ID",
  operationHint: "Or paste a whole operation name or URL, and leave the model out.",
  apiKey: "API key",
  apiKeyHint:
    "Not needed where the kernel has one. Stays in the kernel's memory and is not saved in the notebook.",
  keptKey: "The kernel keeps the one you typed",
  watch: "Watch",
};

/** Shorter than a headline: for a card among many. */
const states: Record<Status, string> = {
  idle: "Not started",
  running: "Generating",
  downloading: "Downloading",
  succeeded: "Ready",
  filtered: "Withheld",
  empty: "No video",
  failed: "Failed",
  stopped: "Stopped",
  timed_out: "Timed out",
};

/** What a board shows beside its cards. */
export const boardWords = {
  board: (count: number): string => `Board of ${count} video operations`,
  connecting,
  silent,
  finished: (ended: number, count: number): string =>
    ended === count ? (count === 1 ? "Finished" : `All ${count} finished`) : `${ended} of ${count} finished`,
  counted: (ready: number, others: number): string => {
    const told = [ready > 0 ? `${ready} ready` : "", others > 0 ? `${others} without a video` : ""];
    return told.filter(Boolean).join(", ");
  },

  filters: "Show",
  filter: (filter: Filter): string =>
    filter === "all" ? "All" : filter === "starred" ? "Starred" : states[filter],
  none: "None of the operations is like this now.",

  name: ({ label, operation_id }: Row): string => label ?? operation_id,
  state({ status, retrying, error, ready, withheld }: Row): string {
    if (retrying) return "Reconnecting";
    if (status === "failed" && error) return error;
    const many = status === "succeeded" && ready > 1 ? `${ready} ready` : states[status];
    return status === "succeeded" && withheld > 0 ? `${many}, ${withheld} withheld` : many;
  },

  star: (name: string): string => `Star ${name}`,
  compare: (name: string): string => `Open ${name} beside the other`,
  compareHint: "Open beside the other (C)",
  starHint: "Star (S)",
  close: "Close",
  closeName: (name: string): string => `Close ${name}`,
  opened: "Opened",
  keys: "Arrows move · Enter opens · C opens a second one beside it · S stars · Esc closes",
};
