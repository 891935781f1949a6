/** Every word the card shows. The server's own words are shown beside them as they came. */
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

export const words = {
  headline({ status, samples }: Snapshot): string {
    const ready = samples.filter((sample) => sample.state === "ready").length;
    return status === "succeeded" && ready > 1 ? `${ready} videos ready` : headlines[status];
  },

  subject: ({ model_name, provider }: Snapshot): string => `${model_name} · ${provider}`,
  cardName: (operationId: string): string => `Video operation ${operationId}`,
  connecting: "Waiting for the kernel",

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
  silent:
    "The kernel is not answering. A running cell may hold it up; if it was stopped, run the cell again.",
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
  timedOut: "The generation may still go on. Resume to keep waiting.",

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
  notReady: "This video is not here yet.",

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

  operation: "Operation",
  copy: "Copy operation ID",
  copied: "Copied",
  selected: "Selected: press the copy keys",

  keyLabel: (provider: string): string => `${provider} API key`,
  keyHint: "Stays in the kernel's memory and is not saved in the notebook.",
  useKey: "Use this key",

  formName: "Watch a video operation",
  modelName: "Model name",
  operationId: "Operation ID",
  operationHint: "Or paste a whole operation name or URL here, and leave the model out.",
  apiKey: "API key",
  apiKeyHint:
    "Not needed where the kernel has one already. Stays in its memory and is not saved in the notebook.",
  keptKey: "The kernel keeps the one you typed",
  watch: "Watch",
};
