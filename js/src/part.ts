import type { Snapshot } from "./model";
import type { Session } from "./session";

/** What every part of one card is given. The signal ends with the card. */
export interface CardContext {
  session: Session;
  signal: AbortSignal;
}

/** A piece of the card: built once, then brought up to date with each snapshot. */
export interface Part {
  readonly node: HTMLElement;
  update(snapshot: Snapshot): void;
}
