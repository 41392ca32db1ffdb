"use strict";
// A headless Chromium, and pages in it that tell whatever a report must never do.

const { createRequire } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

/** Packages come from the cache that `cargo xtask test` fills, not from beside this file. */
const packages = createRequire(path.join(process.env.TIDEGATE_PAGES, "package.json"));
/** The folder of the reports that are looked at. */
const reports = process.env.TIDEGATE_REPORTS;

const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

let running;

/** Starts the browser, with a profile of its own that goes when it ends. */
async function start() {
  const { chromium } = packages("playwright-core");
  running = await chromium.launch({ executablePath: process.env.TIDEGATE_CHROMIUM, args: ARGUMENTS });
}

async function stop() {
  await running?.close();
}

/**
 * Opens a report. What it asks for besides itself is refused and noted, and so is every error, dialog and new window:
 * `page.noted` stays empty for a good report.
 */
async function open(name, { width = 1400, height = 900, scheme = "light", script = true, hash = "" } = {}) {
  const context = await running.newContext({
    viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: script, reducedMotion: "reduce",
  });
  const address = pathToFileURL(path.join(reports, name)).href;
  const noted = [];
  await context.route("**", (route) => {
    const asked = route.request().url();
    if (asked.split("#")[0] === address) return route.continue();
    noted.push(`asked for ${asked}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.noted = noted;
  page.on("console", (message) => noted.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noted.push(`error: ${error.message}`));
  page.on("popup", (other) => noted.push(`window: ${other.url()}`));
  page.on("dialog", (dialog) => {
    noted.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(address + hash);
  return page;
}

/** Opens every part that is folded. */
async function opened(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
}

async function close(page) {
  await page.context().close();
}

module.exports = { start, stop, open, opened, close, packages, reports };
