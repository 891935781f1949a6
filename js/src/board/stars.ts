import type { BoardRequest, Row } from "./board_model";

interface Ask {
  id: number;
  starred: boolean;
  taken: boolean;
}

/** Stars as the user sees them: at once, and as the kernel says as soon as it has heard of them. */
export class Stars {
  readonly #asked = new Map<number, Ask>();
  // Every page of one kernel hears every acknowledgement: IDs must not meet across pages.
  #nextId = Math.floor(Math.random() * 2 ** 40);

  constructor(readonly send: (request: BoardRequest) => void) {}

  isStarred(item: number, row: Row): boolean {
    return this.#asked.get(item)?.starred ?? row.starred;
  }

  toggle(item: number, row: Row): void {
    const starred = !this.isStarred(item, row);
    const id = this.#nextId++;
    this.#asked.set(item, { id, starred, taken: false });
    this.send({ type: "star", id, item, starred });
  }

  acknowledge(id: number): void {
    for (const ask of this.#asked.values()) if (ask.id === id) ask.taken = true;
  }

  /** New rows have come: what was taken before them is in them. */
  renewed(): void {
    for (const [item, { taken }] of [...this.#asked]) if (taken) this.#asked.delete(item);
  }
}
