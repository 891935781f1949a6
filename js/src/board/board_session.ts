import type { AnyModel } from "@anywidget/types";
import { Audience } from "../audience";
import { listen, post } from "../channel";
import { Skew } from "../clock";
import type { Request } from "../model";
import { isTerminal, SILENCE_MS, SYNC_INTERVAL_MS } from "../session";
import type { Time } from "../time";
import type { BoardAnswer, BoardRequest, BoardSnapshot, Row } from "./board_model";
import { Choices } from "./choices";
import { Items } from "./items";
import { Pictures } from "./pictures";
import { Stars } from "./stars";

/** Scrolling changes what is in view many times a second. */
const GATHER_MS = 120;
/** The kernel believes it for 10 s (`static_outputs.py`). */
const BUSY_INTERVAL_MS = 4000;

export interface BoardTraits {
  snapshot: BoardSnapshot;
}

/** One board in one page, shared by its views: the rows, the items that are open, and every message. */
export class BoardSession {
  readonly skew = new Skew();
  readonly items: Items;
  readonly pictures: Pictures;
  readonly stars: Stars;
  readonly choices: Choices;
  readonly #model: AnyModel<BoardTraits>;
  readonly #page = Math.random();
  readonly #audience: Audience;
  readonly #inView = new Map<object, ReadonlySet<number>>();
  readonly #opened = new Map<number, AbortController>();
  #snapshot: BoardSnapshot | null = null;
  #wanted = "";
  #gathering = false;
  #heardAt: number;
  #busySaidAt = Number.NEGATIVE_INFINITY;
  #stopSync = () => {};

  constructor(
    model: AnyModel<BoardTraits>,
    readonly signal: AbortSignal,
    readonly time: Time,
    readonly told: (rows: readonly Row[], shown: boolean) => void = () => {},
  ) {
    this.#model = model;
    this.#heardAt = time.now();
    this.#audience = new Audience({ time, signal, arrived: this.#takeUp, left: this.#layDown });
    this.items = new Items({
      post: (item: number, message: Request, buffers?: ArrayBuffer[]) =>
        this.#send({ type: "item", item, message }, buffers),
      time,
      signal,
    });
    this.pictures = new Pictures({
      items: this.items,
      ask: (items) => this.#send({ type: "pictures", items }),
      changed: this.#changed,
      signal,
    });
    this.stars = new Stars((request) => this.#send(request));
    this.choices = new Choices(() => this.#chosen());
    listen(model, signal, "change:snapshot", () => {
      this.#heardAt = this.time.now();
      this.#accept(model.get("snapshot"), "live");
    });
    listen(model, signal, "msg:custom", (message: unknown, buffers: unknown[] | undefined) => {
      if (isAnswer(message)) this.#receive(message, buffers);
    });
    addEventListener("pagehide", this.#wantNothing, { signal });
    this.#accept(model.get("snapshot"), "restored");
    this.#send({ type: "sync" });
    this.#keepInSync();
  }

  get snapshot(): BoardSnapshot | null {
    return this.#snapshot;
  }

  get rows(): readonly Row[] {
    return this.#snapshot?.rows ?? [];
  }

  /** The kernel has been silent for long while it has something to tell. */
  get silent(): boolean {
    return !this.#isFinal() && this.time.now() - this.#heardAt > SILENCE_MS;
  }

  isStarred(item: number): boolean {
    const row = this.rows[item];
    return row !== undefined && this.stars.isStarred(item, row);
  }

  toggleStar(item: number): void {
    const row = this.rows[item];
    if (!row) return;
    this.stars.toggle(item, row);
    this.#changed();
  }

  /** Calls a view back after every change, until its signal aborts. */
  subscribe(view: () => void, signal: AbortSignal): void {
    this.#audience.join(view, signal);
  }

  /** Which cards a view has in view. */
  look(view: object, items: ReadonlySet<number>, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (!this.#inView.has(view)) {
      const leave = () => {
        this.#inView.delete(view);
        this.#viewChanged();
      };
      signal.addEventListener("abort", leave, { once: true });
    }
    this.#inView.set(view, items);
    this.#viewChanged();
  }

  /** Somebody works with the board: the host draws it anew when its output is renewed, so that has to wait. */
  readonly busy = (): void => {
    if (this.time.now() - this.#busySaidAt >= BUSY_INTERVAL_MS) this.#sayBusy();
  };

  #sayBusy(): void {
    this.#busySaidAt = this.time.now();
    this.#send({ type: "busy" });
  }

  readonly #send = (request: BoardRequest, buffers?: ArrayBuffer[]): void =>
    post(this.#model, request, buffers);

  readonly #changed = (): void => {
    this.#viewChanged();
    this.#audience.tell();
  };

  readonly #takeUp = (late: boolean): void => {
    if (!late) return;
    this.#heardAt = this.time.now();
    this.#send({ type: "sync" });
    this.#keepInSync();
    this.#chosen();
  };

  readonly #layDown = (): void => {
    this.#stopSync();
    this.#inView.clear();
    for (const lifetime of this.#opened.values()) lifetime.abort();
    this.#opened.clear();
    this.#tellWanted();
  };

  #isFinal(): boolean {
    return this.#snapshot?.rows.every(({ status }) => isTerminal(status)) ?? false;
  }

  #keepInSync(): void {
    this.#stopSync = this.time.after(
      SYNC_INTERVAL_MS,
      () => {
        if (!this.#isFinal()) {
          this.#send({ type: "sync" });
          if (this.silent) this.#audience.tell();
        }
        if (this.#audience.present) this.pictures.askAgain();
        // Left out because it was said a moment ago, it would come too late the next time.
        if (this.choices.opened.length > 0) this.#sayBusy();
        this.#keepInSync();
      },
      this.signal,
    );
  }

  #receive(answer: BoardAnswer, buffers: unknown[] | undefined): void {
    this.#heardAt = this.time.now();
    if (answer.type === "ack") this.stars.acknowledge(answer.id);
    else if (answer.type === "board") this.#accept(answer.board, "live");
    else if (answer.type === "picture") this.pictures.receive(answer.item, buffers?.[0]);
    else if (this.items.get(answer.item) || this.pictures.expects(answer.item, answer.message)) {
      this.items.receive(answer.item, answer.message, buffers);
    }
  }

  #accept(snapshot: BoardSnapshot | null | undefined, source: "restored" | "live"): void {
    if (!snapshot || typeof snapshot.version !== "number") return;
    if (snapshot.version < (this.#snapshot?.version ?? -1)) return;
    this.skew[source](snapshot.sent_at_ms, this.time.now());
    this.#snapshot = snapshot;
    this.told(snapshot.rows, !this.#audience.gone);
    this.stars.renewed();
    this.#changed();
  }

  /** Opened cards have a session, the others have none. */
  #chosen(): void {
    const { opened } = this.choices;
    for (const [item, lifetime] of [...this.#opened]) {
      if (opened.includes(item)) continue;
      this.#opened.delete(item);
      lifetime.abort();
    }
    for (const item of opened) {
      if (this.#opened.has(item)) continue;
      const lifetime = new AbortController();
      this.#opened.set(item, lifetime);
      this.items.keep(item, AbortSignal.any([lifetime.signal, this.signal]));
    }
    if (opened.length > 0) this.busy();
    this.#changed();
  }

  #viewChanged(): void {
    if (this.#gathering || this.signal.aborted) return;
    this.#gathering = true;
    this.time.after(
      GATHER_MS,
      () => {
        this.#gathering = false;
        this.pictures.update(this.rows, this.#itemsInView());
        this.#tellWanted();
      },
      this.signal,
    );
  }

  #itemsInView(): Set<number> {
    return new Set([...this.#inView.values()].flatMap((items) => [...items]));
  }

  #tellWanted(): void {
    const wanted = new Set(this.#opened.keys());
    for (const item of this.#itemsInView()) if (this.pictures.wants(item)) wanted.add(item);
    const items = [...wanted].sort((a, b) => a - b);
    const key = items.join();
    if (key === this.#wanted) return;
    this.#wanted = key;
    this.#want(items);
  }

  /** The page goes; one that comes back from the browser's memory says anew what it wants. */
  readonly #wantNothing = (): void => {
    this.#wanted = "";
    this.#want([]);
  };

  #want(items: number[]): void {
    this.#send({ type: "wanted", items, page: this.#page });
  }
}

/** The channel also carries messages of anywidget's own. */
function isAnswer(message: unknown): message is BoardAnswer {
  const type = (message as { type?: unknown } | null)?.type;
  return type === "ack" || type === "board" || type === "picture" || type === "item";
}
