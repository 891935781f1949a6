import { Audience } from "./audience";
import { type Channel, listen, post } from "./channel";
import { Skew } from "./clock";
import { DetailsRequest } from "./details_request";
import type { Reply, Request, Snapshot, Status } from "./model";
import { Playing } from "./playing";
import { PosterSender } from "./poster_sender";
import { Requests } from "./requests";
import type { Time } from "./time";
import { Transfer } from "./transfer";

/** A lost message is never repeated by itself: while the operation may still change, ask. */
export const SYNC_INTERVAL_MS = 7000;
/** Several questions without an answer: worth telling. */
export const SILENCE_MS = 30_000;

export interface Traits {
  snapshot: Snapshot;
  status: Status;
}

export const isTerminal = (status: Status): boolean => !["idle", "running", "downloading"].includes(status);

/**
 * One model in one page, shared by its views: the latest snapshot, the transfers, and every message to and
 * from the kernel. It lives from `initialize` until the model goes; while no view shows it, it asks for nothing
 * and keeps no file.
 */
export class Session {
  readonly skew = new Skew();
  readonly requests: Requests;
  readonly poster: PosterSender;
  readonly playing: Playing;
  readonly details: DetailsRequest;
  readonly #model: Channel<Traits>;
  readonly #page = Math.random();
  readonly #transfers = new Map<number, Transfer>();
  readonly #audience: Audience;
  #snapshot: Snapshot | null = null;
  #restored = true;
  #heardAt = 0;
  #stopSync: (() => void) | null = null;

  constructor(
    model: Channel<Traits>,
    readonly signal: AbortSignal,
    readonly time: Time,
    readonly told: (snapshot: Snapshot, shown: boolean) => void = () => {},
  ) {
    this.#model = model;
    this.#heard();
    this.#audience = new Audience({ time, signal, arrived: this.#takeUp, left: this.#layDown });
    this.requests = new Requests({ send: this.#send, changed: this.#changed, time, signal });
    this.poster = new PosterSender({ send: this.#send, changed: this.#changed, time, signal });
    this.playing = new Playing(this.#send, time);
    this.details = new DetailsRequest({ send: this.#send, changed: this.#changed, time });
    listen(model, signal, "change:snapshot", () => {
      this.#heard();
      this.#accept(model.get("snapshot"), "live");
    });
    listen(model, signal, "msg:custom", this.#receive);
    addEventListener("pagehide", () => this.#say("gone"), { signal });
    this.#accept(model.get("snapshot"), "restored");
  }

  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  /** The kernel has been silent for long while it has something to tell. */
  get silent(): boolean {
    return this.#open && this.time.now() - this.#heardAt > SILENCE_MS;
  }

  /** The kernel may still have something to tell by itself. */
  get #open(): boolean {
    return !this.#snapshot || !isTerminal(this.#snapshot.status);
  }

  transfer(sample: number): Transfer {
    const known = this.#transfers.get(sample);
    if (known) return known;
    const { signal, time } = this;
    const transfer = new Transfer({
      index: sample,
      send: this.#send,
      changed: this.#changed,
      wanted: () => this.#audience.present,
      time,
      signal,
    });
    this.#transfers.set(sample, transfer);
    return transfer;
  }

  /** Somebody saves this sample from the page. */
  saved(sample: number): void {
    const { generation } = this.#snapshot?.samples[sample] ?? {};
    if (generation !== undefined) this.#send({ type: "saved", sample, generation });
  }

  /** Calls a view back after every change, until its signal aborts. */
  subscribe(view: () => void, signal: AbortSignal): void {
    this.#audience.join(view, signal);
  }

  readonly #send = (request: Request, buffer?: ArrayBuffer): void =>
    post(this.#model, request, buffer && [buffer]);

  readonly #changed = (): void => {
    if (this.#snapshot) this.poster.update(this.#snapshot, (sample) => this.transfer(sample));
    this.#audience.tell();
  };

  readonly #takeUp = (late: boolean): void => {
    if (late || !this.#stopSync) {
      this.#heard();
      this.#say("sync");
      this.#keepInSync();
    }
    this.#updateTransfers(late || this.#restored);
  };

  readonly #layDown = (): void => {
    this.#stopSync?.();
    for (const transfer of this.#transfers.values()) transfer.release();
    this.#say("left");
  };

  /** Who has never asked says nothing: no view was here. */
  readonly #say = (type: "sync" | "left" | "gone"): void => {
    if (this.#stopSync || type === "sync") this.#send({ type, page: this.#page });
  };

  #keepInSync(): void {
    this.#stopSync = this.time.after(
      SYNC_INTERVAL_MS,
      () => {
        if (this.#open) {
          this.#say("sync");
          if (this.silent) this.#changed();
        }
        this.#keepInSync();
      },
      this.signal,
    );
  }

  #heard(): void {
    this.#heardAt = this.time.now();
  }

  /** The channel also carries messages of anywidget's own, which have no such type. */
  readonly #receive = (reply: Reply | null, buffers: unknown[] | undefined): void => {
    this.#heard();
    if (reply?.type === "ack") this.requests.acknowledge(reply.id);
    else if (reply?.type === "state") this.#accept(reply.snapshot, "live");
    else if (reply?.type === "details") this.details.receive(reply.details);
    else if (reply?.type === "chunk" && !this.#audience.gone)
      this.transfer(reply.sample).receive(reply, buffers?.[0]);
  };

  #accept(snapshot: Snapshot | null | undefined, source: "restored" | "live"): void {
    if (!snapshot || typeof snapshot.version !== "number") return;
    if (snapshot.version < (this.#snapshot?.version ?? -1)) return;
    if (snapshot.clock) this.skew[source](snapshot.clock.sent_at_ms, this.time.now());
    // A card that a board opens gets its first snapshot live; what was there before it was not pushed either.
    this.#restored = source === "restored" || this.#snapshot === null;
    // What was asked for was taken, or has nothing to do any more.
    if (snapshot.status !== this.#snapshot?.status) this.requests.forget();
    this.#snapshot = snapshot;
    this.told(snapshot, !this.#audience.gone);
    this.#updateTransfers(this.#restored);
    this.#changed();
  }

  #updateTransfers(urgent: boolean): void {
    for (const [index, sample] of this.#snapshot?.samples.entries() ?? []) {
      const transfer = this.transfer(index);
      // What this page has of it stays; what it has not will never come.
      if (sample.state === "gone" && !transfer.url) transfer.release();
      else transfer.update(sample, urgent);
    }
  }
}
