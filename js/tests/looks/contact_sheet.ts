/** Small pictures of all exhibits in one: a row for each state, a column for each theme and width. */
const SCALE = 0.4;
const GAP_PX = 10;
const CAPTION_PX = 18;

interface Exhibit {
  readonly name: string;
  readonly place: HTMLElement;
  readonly widthPx: number;
}

interface Column {
  readonly caption: string;
  readonly ground: string;
  readonly widthPx: number;
  readonly pictures: Map<string, ImageBitmap>;
}

export class ContactSheet {
  readonly #columns: Column[] = [];

  /** Cuts the exhibits of this width out of a picture of the whole gallery. */
  async add(
    caption: string,
    pictureUrl: string,
    gallery: HTMLElement,
    exhibits: readonly Exhibit[],
  ): Promise<void> {
    const whole = await createImageBitmap(await (await fetch(pictureUrl)).blob());
    const origin = gallery.getBoundingClientRect();
    const pictures = new Map<string, ImageBitmap>();
    let widthPx = 0;
    for (const { name, place } of exhibits) {
      const shown = (place.shadowRoot ?? place).querySelector(".rushes:not([hidden])") ?? place;
      const { left, top, width, height } = shown.getBoundingClientRect();
      const small = await createImageBitmap(whole, left - origin.left, top - origin.top, width, height, {
        resizeWidth: Math.round(width * SCALE),
        resizeHeight: Math.round(height * SCALE),
        resizeQuality: "high",
      });
      pictures.set(name, small);
      widthPx = Math.max(widthPx, small.width);
    }
    whole.close();
    const ground = getComputedStyle(document.body).backgroundColor;
    this.#columns.push({ caption, ground, widthPx, pictures });
  }

  /** The sheet as a WebP, in a data URL. */
  draw(): string {
    const names = [...(this.#columns[0]?.pictures.keys() ?? [])];
    const heights = names.map((name) =>
      Math.max(...this.#columns.map(({ pictures }) => pictures.get(name)?.height ?? 0)),
    );
    const sheet = document.createElement("canvas");
    sheet.width = this.#columns.reduce((sum, { widthPx }) => sum + widthPx + 2 * GAP_PX, 0);
    sheet.height = heights.reduce((sum, height) => sum + height + GAP_PX + CAPTION_PX, 2 * CAPTION_PX);
    const pen = sheet.getContext("2d") as CanvasRenderingContext2D;
    pen.font = "11px system-ui, sans-serif";
    let x = 0;
    for (const { caption, ground, widthPx, pictures } of this.#columns) {
      pen.fillStyle = ground === "rgba(0, 0, 0, 0)" ? "white" : ground;
      pen.fillRect(x, 0, widthPx + 2 * GAP_PX, sheet.height);
      const write = (text: string, y: number) => pen.fillText(text, x + GAP_PX, y, widthPx);
      pen.fillStyle = "gray";
      write(caption, CAPTION_PX);
      let y = 2 * CAPTION_PX;
      for (const [index, name] of names.entries()) {
        write(name, y + CAPTION_PX - 5);
        const picture = pictures.get(name);
        if (picture) pen.drawImage(picture, x + GAP_PX, y + CAPTION_PX);
        y += (heights[index] ?? 0) + GAP_PX + CAPTION_PX;
      }
      x += widthPx + 2 * GAP_PX;
    }
    return sheet.toDataURL("image/webp", 0.4);
  }
}
