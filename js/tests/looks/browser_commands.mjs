// What a test asks of the process that drives the browser.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../", import.meta.url);
const LAB = new URL(".venv/share/jupyter/lab/", ROOT);

/**
 * The style sheet of a theme of the JupyterLab that is installed here, and the material colours that it builds on, which
 * JupyterLab has in its scripts.
 */
export async function labTheme(_context, name) {
  const scripts = (await readdir(new URL("static/", LAB))).filter((file) => file.startsWith("jlab_core."));
  const core = await readFile(new URL(`static/${scripts[0]}`, LAB), "utf8");
  const colours = new Set(core.match(/--md-[\w-]+: #[0-9a-fA-F]{3,8}/g));
  const theme = await readFile(new URL(`themes/@jupyterlab/${name}-extension/index.css`, LAB), "utf8");
  return `:root { ${[...colours].join("; ")} }\n${theme}`;
}

/** What a screen reader is told of the element, in Playwright's notation. */
export async function accessibilityTree({ frame }, selector) {
  return (await frame()).locator(selector).ariaSnapshot();
}

/** Makes the browser's window large enough for a page of this size: in a smaller one it would be shown scaled down. */
export async function resizeWindow({ page }, width, height) {
  await page.setViewportSize({ width, height });
}

/** A picture of the element into test-results/. Returns it as a data URL. */
export async function picture({ frame }, selector, name) {
  const path = fileURLToPath(new URL(`test-results/looks/${name}`, ROOT));
  const taken = await (await frame()).locator(selector).screenshot({ path });
  return `data:image/png;base64,${taken.toString("base64")}`;
}

/** Keeps a picture that was made in the page in test-results/. */
export async function keepPicture(_context, dataUrl, name) {
  const path = fileURLToPath(new URL(`test-results/looks/${name}`, ROOT));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.from(dataUrl.split(",")[1], "base64"));
}

/** Has the browser pretend preferences of its user: forced colours, reduced motion. */
export async function emulateMedia({ page }, media) {
  await page.emulateMedia(media);
}
