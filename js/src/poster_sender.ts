import type { Request, Snapshot } from "./model";
import { takePoster } from "./poster";
import type { Time } from "./time";
import type { Transfer } from "./transfer";

/** A video that starts by itself waits so long for the picture at most. */
const AUTOPLAY_WAIT_MS = 1500;
/** Any other is to be playable before the picture of it is made. */
const PLAYER_FIRST_MS = 300;

export interface PosterSenderOptions {
  send: (request: Request, buffer: ArrayBuffer) => void;
  changed: () => void;
  time: Time;
  signal: AbortSignal;
}

/** Sends the kernel a picture of the first video, once for each file, if it wants one. */
export class PosterSender {
  readonly #options: PosterSenderOptions;
  #awaitedOf: string | null = null;
  #takenOf: string | null = null;
  #waiting = false;

  constructor(options: PosterSenderOptions) {
    this.#options = options;
  }

  /**
   * Whether the notebook's output is about to get the picture: the host draws the card anew then, so a video that
   * starts by itself starts after that.
   */
  get waiting(): boolean {
    return this.#waiting;
  }

  update({ samples, wants_poster, autoplay }: Snapshot, transferOf: (sample: number) => Transfer): void {
    if (!wants_poster) {
      this.#waiting = false;
      return;
    }
    const index = samples.findIndex(({ state }) => state !== "unavailable");
    const sample = samples[index];
    const url = sample ? transferOf(index).url : null;
    if (!sample || !url) return;
    if (url !== this.#awaitedOf) {
      this.#awaitedOf = url;
      this.#waiting = true;
      this.#options.time.after(AUTOPLAY_WAIT_MS, () => this.#stopWaiting(), this.#options.signal);
    }
    // The kernel takes a picture of a file that it has whole, which may be a moment later.
    if (sample.state !== "ready" || url === this.#takenOf) return;
    this.#takenOf = url;
    const request: Request = { type: "poster", sample: index, generation: sample.generation };
    if (autoplay) void this.#take(url, request);
    else this.#options.time.after(PLAYER_FIRST_MS, () => void this.#take(url, request), this.#options.signal);
  }

  async #take(url: string, request: Request): Promise<void> {
    const picture = await takePoster(url, this.#options.signal);
    if (this.#options.signal.aborted) return;
    if (picture) this.#options.send(request, await picture.arrayBuffer());
    else this.#stopWaiting();
  }

  #stopWaiting(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#options.changed();
  }
}
