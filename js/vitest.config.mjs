import { existsSync } from "node:fs";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import * as commands from "./tests/looks/browser_commands.mjs";

// Playwright's own Chromium decodes neither H.264 nor AAC, so an installed one is used.
const candidates = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = candidates.find((path) => path && existsSync(path));
if (!executablePath) {
  throw new Error("No Chromium or Chrome found: install Debian's chromium, or set CHROMIUM_PATH to one.");
}

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export default defineConfig({
  // The clips of the demo are in the Python package.
  server: { fs: { allow: [".."] } },
  test: {
    // Longer than any test takes on a busy machine.
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      commands: { ...commands },
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath, args: quiet },
        // Times of day look the same everywhere.
        contextOptions: { locale: "en-GB", timezoneId: "UTC" },
      }),
      instances: [{ browser: "chromium", viewport: { width: 800, height: 600 } }],
    },
    // Large pictures take the machine whole: they are taken when all else is done.
    projects: [
      {
        extends: true,
        test: { name: "behaviour", include: ["tests/*.test.ts"], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: "looks", include: ["tests/looks/*.test.ts"], sequence: { groupOrder: 1 } },
      },
    ],
    coverage: {
      provider: "istanbul",
      include: ["src/**/*.ts"],
      reporter: ["text"],
      thresholds: { statements: 90, branches: 90, functions: 90, lines: 90 },
    },
  },
});
