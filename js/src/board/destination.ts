/** Where a key leads from one card of the grid: by where the cards are on the page, so any number of columns will do. */
export function destination(
  key: string,
  from: HTMLElement,
  cards: readonly HTMLElement[],
): HTMLElement | null {
  const at = cards.indexOf(from);
  if (key === "Home") return cards[0] ?? null;
  if (key === "End") return cards.at(-1) ?? null;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const rightToLeft = getComputedStyle(from).direction === "rtl";
    return cards[at + ((key === "ArrowRight") === rightToLeft ? -1 : 1)] ?? (at < 0 ? null : from);
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const down = key === "ArrowDown";
  const beyond = cards.filter(({ offsetTop }) =>
    down ? offsetTop > from.offsetTop : offsetTop < from.offsetTop,
  );
  const [next] = down ? beyond : beyond.reverse();
  if (!next) return from;
  const line = beyond.filter(({ offsetTop }) => offsetTop === next.offsetTop);
  const apart = (card: HTMLElement) => Math.abs(card.offsetLeft - from.offsetLeft);
  return line.reduce((best, card) => (apart(card) < apart(best) ? card : best));
}
