// Bundles src/ into the Python package. `--watch` rebuilds on change and leaves the bundle readable.
import { readFile } from "node:fs/promises";
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
  format: "esm",
  target: "es2022",
  minify: !watch,
  legalComments: "none",
  logLevel: "info",
};

if (watch) {
  await (await context(options)).watch();
} else {
  await build(options);
  let total = 0;
  for (const name of ["widget.js", "widget.css"]) {
    const bytes = gzipSync(await readFile(`${outdir}/${name}`)).length;
    total += bytes;
    console.log(`${name}: ${bytes} bytes gzipped`);
  }
  console.log(`together: ${total} of at most ${LIMIT_BYTES}`);
  if (total > LIMIT_BYTES) process.exit(1);
}
