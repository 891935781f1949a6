// Bundles src/ into the Python package. `--watch` rebuilds on change and leaves the bundle readable.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

/** Gzipped, script and style sheet together. */
const LIMITS_BYTES = { widget: 20_200, board: 26_500 };
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const watch = process.argv.includes("--watch");
const outdir = here("../src/rushes/static");

const options = {
  absWorkingDir: here("."),
  entryPoints: { widget: "src/index.ts", board: "src/board/index.ts" },
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
  for (const [name, limit] of Object.entries(LIMITS_BYTES)) {
    await shareOnePerPage(`${outdir}/${name}.js`);
    let total = 0;
    for (const file of [`${name}.js`, `${name}.css`]) {
      total += gzipSync(await readFile(`${outdir}/${file}`)).length;
    }
    console.log(`${name}: ${total} of at most ${limit} bytes gzipped`);
    if (total > limit) process.exitCode = 1;
  }
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
