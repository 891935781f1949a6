import type { Request } from "./model";
import type { Time } from "./time";

/** The kernel believes it for 10 s (`static_outputs.py`). */
const INTERVAL_MS = 4000;

/** Tells the kernel that a video plays here: it leaves the outputs alone, for a host draws a card anew with them. */
export class Playing {
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly send: (request: Request) => void,
    readonly time: Time,
  ) {}

  /** Some time passes in this video. Those that play tell so themselves, several times a second, timers or not. */
  readonly passes = ({ currentTarget }: Event): void => {
    const now = this.time.now();
    if ((currentTarget as HTMLVideoElement).paused || now - this.#saidAt < INTERVAL_MS) return;
    this.#saidAt = now;
    this.send({ type: "playing" });
  };
}
