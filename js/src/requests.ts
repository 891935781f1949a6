import type { Request } from "./model";
import type { Time } from "./time";

/** Without an acknowledgement for this long, a running cell holds the request back. */
const PATIENCE_MS = 1000;

export type Action = "stop" | "resume" | "key" | "watch";

type Ask =
  | { type: "stop" }
  | { type: "resume" }
  | { type: "key"; key: string }
  | { type: "watch"; model_name: string; operation_id: string; key: string };

export interface RequestsOptions {
  send: (request: Request) => void;
  changed: () => void;
  time: Time;
  signal: AbortSignal;
}

interface Entry {
  id: number;
  waiting: boolean;
}

/** What the user asked for and the kernel has not acknowledged yet. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #pending = new Map<Action, Entry>();
  // Every page of one kernel hears every acknowledgement: IDs must not meet across pages.
  #nextId = Math.floor(Math.random() * 2 ** 40);

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /**
   * Sends, and returns the request's number; asking again before the acknowledgement does nothing, until that is late: it
   * may be lost.
   */
  ask(request: Ask): number | null {
    if (this.#pending.get(request.type)?.waiting === false) return null;
    const id = this.#nextId++;
    const entry = { id, waiting: false };
    this.#pending.set(request.type, entry);
    this.#options.send({ ...request, id });
    this.#options.time.after(
      PATIENCE_MS,
      () => {
        entry.waiting = true;
        this.#options.changed();
      },
      this.#options.signal,
    );
    this.#options.changed();
    return id;
  }

  acknowledge(id: number): void {
    for (const [action, entry] of this.#pending) {
      if (entry.id === id) this.#pending.delete(action);
    }
    this.#options.changed();
  }

  /** Waits for nothing any more. */
  forget(): void {
    this.#pending.clear();
  }

  /** Whether something was asked for that the kernel has not taken yet. */
  isPending(action: Action): boolean {
    return this.#pending.has(action);
  }

  /** Some request waits for the kernel. */
  get waiting(): boolean {
    return [...this.#pending.values()].some((entry) => entry.waiting);
  }
}
