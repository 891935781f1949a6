import type { Reply, Request } from "../model";
import { Players } from "../players";
import { Session } from "../session";
import type { Time } from "../time";
import { ItemChannel } from "./item_channel";

export interface Item {
  readonly session: Session;
  readonly players: Players;
  readonly signal: AbortSignal;
  send(request: Request, buffer?: ArrayBuffer): void;
}

interface Entry extends Item {
  users: number;
  channel: ItemChannel;
  lifetime: AbortController;
}

export interface ItemsOptions {
  post: (item: number, request: Request, buffers?: ArrayBuffer[]) => void;
  time: Time;
  signal: AbortSignal;
}

/** The items that are opened, or whose picture is being made: each has the session of a card for as long. */
export class Items {
  readonly #options: ItemsOptions;
  readonly #entries = new Map<number, Entry>();

  constructor(options: ItemsOptions) {
    this.#options = options;
  }

  /** How many have a session, and may hold a video. */
  get count(): number {
    return this.#entries.size;
  }

  get(index: number): Item | undefined {
    return this.#entries.get(index);
  }

  /** The item, kept until the signal aborts. */
  keep(index: number, signal: AbortSignal): Item {
    const entry = this.#entries.get(index) ?? this.#open(index);
    entry.users += 1;
    const leave = () => {
      entry.users -= 1;
      if (entry.users > 0) return;
      this.#entries.delete(index);
      entry.lifetime.abort();
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    return entry;
  }

  receive(index: number, reply: Reply, buffers: unknown[] | undefined): void {
    this.#entries.get(index)?.channel.receive(reply, buffers);
  }

  #open(index: number): Entry {
    const { post, time } = this.#options;
    const lifetime = new AbortController();
    const signal = AbortSignal.any([lifetime.signal, this.#options.signal]);
    const channel = new ItemChannel((request, buffers) => post(index, request, buffers));
    const entry: Entry = {
      users: 0,
      channel,
      lifetime,
      signal,
      session: new Session(channel, signal, time),
      players: new Players(time, signal),
      send: (request, buffer) => post(index, request, buffer && [buffer]),
    };
    this.#entries.set(index, entry);
    return entry;
  }
}
