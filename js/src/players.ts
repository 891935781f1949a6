import { KeptFocus } from "./kept_focus";
import { Player, type PlayerOptions } from "./player";
import type { Time } from "./time";

/** A view that replaces another does so at once. */
const PARKED_FOR_MS = 2000;

/** The players of one model: a view that goes parks its players, a view that comes takes over what is parked. */
export class Players {
  readonly focus = new KeptFocus();
  readonly #all = new Set<Player>();
  readonly #parked = new Set<Player>();
  #parkedSelection = 0;
  #forgetSelection = () => {};
  #loop: boolean | null = null;
  #rate = 1;

  constructor(
    readonly time: Time,
    readonly signal: AbortSignal,
  ) {
    signal.addEventListener(
      "abort",
      () => {
        for (const player of [...this.#all]) this.release(player);
      },
      { once: true },
    );
  }

  /** A parked player of this file, still playing if it was, else a new one. */
  take(url: string, options: PlayerOptions): Player {
    for (const player of this.#parked) {
      if (player.url !== url) continue;
      this.#parked.delete(player);
      return player;
    }
    const player = new Player(url, { ...options, loop: this.#loop ?? options.loop });
    player.rate = this.#rate;
    this.#all.add(player);
    return player;
  }

  /** Whether all of them begin again at their end, those to come as well. */
  setLoop(loop: boolean): void {
    this.#loop = loop;
    for (const player of this.#all) player.loop = loop;
  }

  /** How fast all of them play, those to come as well; 1 is as filmed. */
  setRate(rate: number): void {
    this.#rate = rate;
    for (const player of this.#all) player.rate = rate;
  }

  /** A view goes that shows this sample. */
  parkSelection(sample: number): void {
    this.#forgetSelection();
    this.#parkedSelection = sample;
    this.#forgetSelection = this.time.after(PARKED_FOR_MS, () => this.takeSelection(), this.signal);
  }

  /** The sample that the view showed which has just gone, for the one that comes; else the first. */
  takeSelection(): number {
    const sample = this.#parkedSelection;
    this.#parkedSelection = 0;
    return sample;
  }

  park(player: Player): void {
    if (!this.#all.has(player)) return;
    this.#parked.add(player);
    this.time.after(PARKED_FOR_MS, () => this.#parked.has(player) && this.release(player), this.signal);
  }

  release(player: Player): void {
    this.#all.delete(player);
    this.#parked.delete(player);
    player.release();
  }
}
