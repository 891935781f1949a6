/** The bytes of a buffer in whichever form the host hands it over (most a DataView, Colab a Uint8Array); null for none. */
export function toBytes(buffer: unknown): Uint8Array<ArrayBuffer> | null {
  if (ArrayBuffer.isView(buffer)) {
    // A view's buffer is shared memory only where someone asked for it; no host does for messages.
    return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
  }
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  if (Array.isArray(buffer)) return Uint8Array.from(buffer as number[]);
  return null;
}

/**
 * Whether bytes travel here as an array of numbers. VS Code makes one of each message that has any (`serializers.ts` of
 * vscode-jupyter) and bytes of it again before a widget sees them, so it is told by what its web views call the theme.
 */
export function travelsAsNumbers(buffer: unknown): boolean {
  return Array.isArray(buffer) || "vscodeThemeKind" in document.body.dataset;
}

/** A message holds little beside the bytes that it carries. */
const MOST_HEADER_BYTES = 64 * 1024;

/**
 * Gives back the memory of a message whose bytes have been copied. Left to the garbage collector, a video of 50 MB makes
 * it go through the whole page several times. Memory that holds more than this message is not ours.
 */
export function giveBack(buffer: unknown): void {
  try {
    const memory = (ArrayBuffer.isView(buffer) ? buffer.buffer : buffer) as ArrayBuffer;
    const beside = memory.byteLength - (buffer as ArrayBuffer).byteLength;
    if (beside <= MOST_HEADER_BYTES) memory.transfer(0);
  } catch {
    // No memory of its own, given back already, or needed by a program; or the browser is an older one.
  }
}
