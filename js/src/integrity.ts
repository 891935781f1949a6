/**
 * Whether a file arrived as it was sent, by its SHA-256. A page that may not compute one takes it as it is:
 * `crypto.subtle` exists in secure contexts only (https, localhost), and a notebook is often served without.
 */
export async function isWhole(
  blob: Blob,
  sha256: string | null,
  subtle: SubtleCrypto | null = globalThis.crypto?.subtle ?? null,
): Promise<boolean> {
  if (!sha256 || !subtle) return true;
  const digest = await subtle.digest("SHA-256", await blob.arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === sha256.toLowerCase();
}
