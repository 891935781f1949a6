// Bundles src/ into the Python package. `--watch` rebuilds on change and leaves the bundle readable.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const LIMIT_BYTES = 15_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const watch = process.argv.includes("--watch");
const outdir = here("../src/rushes/static");

const options = {
  absWorkingDir: here("."),
  entryPoints: { widget: "src/index.ts" },
  outdir,
  bundle: true,
  format: watch ? "esm" : "iife",
  globalName: "bundle",
  target: "es2022",
  minify: !watch,
  legalComments: "none",
  logLevel: "info",
};

if (watch) {
  await (await context(options)).watch();
} else {
  await build(options);
  await shareOnePerPage(`${outdir}/widget.js`);
  let total = 0;
  for (const name of ["widget.js", "widget.css"]) {
    const bytes = gzipSync(await readFile(`${outdir}/${name}`)).length;
    total += bytes;
    console.log(`${name}: ${bytes} bytes gzipped`);
  }
  console.log(`together: ${total} of at most ${LIMIT_BYTES}`);
  if (total > LIMIT_BYTES) process.exit(1);
}

/**
 * anywidget imports the bundle once for each model, and no browser ever unloads a module. So the code is a function
 * that the first module of a page runs; the others take what it made, and cost the page their text alone.
 */
async function shareOnePerPage(path) {
  const code = await readFile(path, "utf8");
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const load = `const load=()=>{${code.trim()}return bundle.default};`;
  await writeFile(path, `${load}export default globalThis[Symbol.for("rushes ${hash}")]??=load();\n`);
}
