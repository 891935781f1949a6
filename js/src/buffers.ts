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
