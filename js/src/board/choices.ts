import type { Status } from "../model";
import type { Row } from "./board_model";

export type Filter = "all" | "starred" | Status;

/** Two takes side by side are compared; a third is not. */
const MOST_OPENED = 2;

/** What the user has chosen in this page: it outlives a view that the host draws anew. */
export class Choices {
  filter: Filter = "all";
  /** The card that the Tab key comes to. */
  active = 0;
  scrollTop = 0;
  #opened: readonly number[] = [];

  constructor(readonly changed: () => void) {}

  get opened(): readonly number[] {
    return this.#opened;
  }

  choose(filter: Filter): void {
    this.filter = filter;
    this.scrollTop = 0;
    this.changed();
  }

  /** Opens one in the place of what is open. */
  open(item: number): void {
    this.#setOpened([item]);
  }

  /** Opens it beside the one that is open, in the place of the second. */
  compare(item: number): void {
    if (this.#opened.includes(item)) return;
    this.#setOpened([...this.#opened.slice(0, MOST_OPENED - 1), item]);
  }

  close(item: number): void {
    this.#setOpened(this.#opened.filter((other) => other !== item));
  }

  passes(row: Row, starred: boolean): boolean {
    return this.filter === "all" || (this.filter === "starred" ? starred : row.status === this.filter);
  }

  #setOpened(opened: readonly number[]): void {
    this.#opened = opened;
    this.changed();
  }
}
