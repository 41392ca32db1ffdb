"use strict";
// How a report behaves under a reader's hands: sorting, filtering, details, links, print, and no script at all.

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { close, open, reports, start, stop } = require("./browser.js");

before(start);
after(stop);

const RISKS = ["Informational", "Low", "Medium", "High", "Critical"];

/** A test on a page, which must have noted nothing at its end. */
function on(name, options, title, body) {
  test(title, async () => {
    const page = await open(name, options);
    try {
      await body(page);
      assert.deepEqual(page.noted, []);
    } finally {
      await close(page);
    }
  });
}

const table = (page, caption) => page.locator("table.interactive", { has: page.locator("caption", { hasText: caption }) }).first();
const column = (of, number) =>
  of.locator(`tbody tr:not([hidden]) td:nth-child(${number})`).evaluateAll((cells) => cells.map((cell) => cell.textContent));
const sorts = (of) => of.locator("thead th").evaluateAll((all) => all.map((one) => one.getAttribute("aria-sort")));

/** Whether the values go up or down, and differ at all. */
function assertOrdered(values, compare, sign) {
  assert.ok(new Set(values).size > 1, `nothing to sort: ${values}`);
  for (let at = 1; at < values.length; at += 1) {
    assert.ok(sign * compare(values[at - 1], values[at]) <= 0, `${values[at - 1]} stands before ${values[at]}`);
  }
}

const ORDERS = [
  ["numbers", 6, (a, b) => Number(a) - Number(b)],
  ["risks", 2, (a, b) => RISKS.indexOf(a) - RISKS.indexOf(b)],
  ["texts", 3, (a, b) => a.localeCompare(b, undefined, { numeric: true })],
];

for (const [what, number, compare] of ORDERS) {
  for (const by of ["click", "Enter", "Space"]) {
    on("estate.html", {}, `${what} are sorted by ${by}, up and then down`, async (page) => {
      const findings = table(page, "Findings by risk");
      const before = await column(findings, 3);
      const button = findings.locator(`thead th:nth-child(${number}) button`);
      const press = async () => (by === "click" ? button.click() : (await button.focus(), page.keyboard.press(by)));
      for (const [sign, word] of [[1, "ascending"], [-1, "descending"], [1, "ascending"]]) {
        await press();
        assertOrdered(await column(findings, number), compare, sign);
        const said = await sorts(findings);
        assert.equal(said[number - 1], word);
        assert.equal(said.filter(Boolean).length, 1, "one column is said to be sorted");
      }
      assert.deepEqual([...(await column(findings, 3))].sort(), [...before].sort(), "no row is lost");
    });
  }
}

on("many.html", {}, "a filter says how many rows are left, and gives all back", async (page) => {
  const systems = table(page, "All affected systems");
  const rows = await column(systems, 1);
  assert.ok(rows.length > 1000);
  const box = page.locator(".filter", { has: page.locator(`xpath=following-sibling::*[1][.//caption[contains(., "All affected systems")]]`) });
  const input = box.getByRole("searchbox");
  const said = box.getByRole("status");
  await input.fill("SERVICE-1-7 eu-west");
  const left = await column(systems, 1);
  assert.ok(left.length > 0 && left.length < rows.length);
  for (const row of left) assert.match(row, /service-1-7/);
  assert.equal(left.length, rows.filter((row) => row.includes("service-1-7")).length);
  assert.equal(await said.textContent(), `${left.length} of ${rows.length}`);
  // Sorting keeps the filter, and the filter the order.
  await systems.locator("thead th:nth-child(1) button").click();
  assert.equal((await column(systems, 1)).length, left.length);
  await input.fill("there is no such system");
  assert.equal(await said.textContent(), `0 of ${rows.length}`);
  assert.deepEqual(await column(systems, 1), []);
  await input.fill("");
  assert.equal(await said.textContent(), "");
  assert.deepEqual([...(await column(systems, 1))].sort(), [...rows].sort());
});

on("estate.html", {}, "details open and close by click and by keyboard", async (page) => {
  const details = page.locator("details").first();
  const summary = details.locator("summary");
  const inside = details.locator("figure");
  assert.equal(await inside.isVisible(), false);
  await summary.click();
  assert.equal(await inside.isVisible(), true);
  await summary.press("Enter");
  assert.equal(await inside.isVisible(), false);
  await summary.press("Space");
  assert.equal(await inside.isVisible(), true);
});

on("estate.html", {}, "a link into closed details opens them, every time", async (page) => {
  const figure = page.locator("details figure[id]").last();
  const id = await figure.getAttribute("id");
  await page.evaluate((id) => document.querySelector("main a").setAttribute("href", `#${id}`), id);
  const link = page.locator(`main a[href="#${id}"]`).first();
  for (let turn = 0; turn < 2; turn += 1) {
    assert.equal(await figure.isVisible(), false);
    await link.click();
    await figure.waitFor({ state: "visible" });
    await page.waitForFunction((id) => {
      const { top, bottom } = document.getElementById(id).getBoundingClientRect();
      return top < innerHeight && bottom > 0;
    }, id);
    await page.locator(`details:has(#${id}) > summary`).click();
  }
});

test("an address that leads into closed details opens them", async () => {
  const look = await open("estate.html");
  const id = await look.locator("details figure[id]").first().getAttribute("id");
  await close(look);
  for (const [hash, visible] of [[`#${id}`, true], ["#nothing-of-this-name", false], ["#%", false], ["#%00%ff", false]]) {
    const page = await open("estate.html", { hash });
    assert.equal(await page.locator(`#${id}`).isVisible(), visible, hash);
    assert.deepEqual(page.noted, []);
    await close(page);
  }
});

for (const script of [true, false]) {
  on("estate.html", { script }, `print shows what was closed and cuts nothing, ${script ? "with" : "without"} script`, async (page) => {
    const prints = JSON.parse(fs.readFileSync(path.join(reports, "estate.json"), "utf8")).findings.map((one) => one.fingerprint);
    assert.ok(prints.length > 5);
    const file = path.join(reports, `print-${script}.pdf`);
    await page.pdf({ path: file, format: "A4", printBackground: true });
    assert.equal(await page.locator("details[open]").count(), 0, "what print opened is closed again");
    if (process.env.TIDEGATE_PDFTOTEXT) {
      const text = execFileSync(process.env.TIDEGATE_PDFTOTEXT, ["-layout", file, "-"], { encoding: "utf8" });
      for (const print of prints) assert.ok(text.includes(print), `${print} is not in the printed page`);
    }
    // The same as the page lays it out for paper, 190 mm wide.
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 718, height: 1000 });
    const closed = await page.locator("details > div").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 20).length);
    if (!script) assert.equal(closed, 0, "closed details have no height on paper");
    const wide = await page.evaluate(() => Array.from(document.querySelectorAll("body *"), (one) => [one.tagName, one.getBoundingClientRect().right])
      .filter(([, right]) => right > innerWidth + 1));
    assert.deepEqual(wide, []);
  });
}

test("without script everything is there, in the order of the report", async () => {
  const content = async (script) => {
    const page = await open("estate.html", { script });
    const text = await page.evaluate(() => {
      const main = document.querySelector("main").cloneNode(true);
      for (const extra of main.querySelectorAll(".filter")) extra.remove();
      return main.textContent;
    });
    const hidden = await page.evaluate(() => document.querySelectorAll("main [hidden]").length);
    const buttons = await page.locator("button, input").count();
    assert.deepEqual(page.noted, []);
    await page.locator("summary").first().click();
    assert.equal(await page.locator("details figure").first().isVisible(), true);
    await close(page);
    return { text, hidden, buttons };
  };
  const [bare, full] = [await content(false), await content(true)];
  assert.equal(bare.text, full.text);
  assert.equal(bare.hidden, 0);
  assert.equal(bare.buttons, 0, "nothing that would do nothing");
  assert.ok(full.buttons > 0);
});

test("what a page must not do is noted when it does", async () => {
  const good = fs.readFileSync(path.join(reports, "estate.html"), "utf8");
  const bad = good.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")
    .replace("</main>", `<img src="http://127.0.0.1:9/x.png"><script>console.error("x"); alert(1); throw new Error("y")</script></main>`);
  fs.writeFileSync(path.join(reports, "bad.html"), bad);
  const page = await open("bad.html");
  for (const begins of ["asked for http://127.0.0.1:9/", "dialog:", "error: y", "console: x"]) {
    assert.ok(page.noted.some((one) => one.startsWith(begins)), `${begins} is not in ${page.noted}`);
  }
  await close(page);
});

test("the policy of the page refuses what somebody might smuggle in", async () => {
  const good = fs.readFileSync(path.join(reports, "estate.html"), "utf8");
  const smuggled = [
    `<script>window.__pwned = 1</script>`, `<img src="http://127.0.0.1:9/i.png" onerror="window.__pwned = 1">`,
    `<iframe src="http://127.0.0.1:9/"></iframe>`, `<link rel="stylesheet" href="http://127.0.0.1:9/c.css">`,
    `<object data="http://127.0.0.1:9/o"></object>`, `<video src="http://127.0.0.1:9/v"></video>`,
    `<style>@import url("http://127.0.0.1:9/s.css"); body { background: url("http://127.0.0.1:9/b.png") }</style>`,
    `<base href="http://127.0.0.1:9/">`,
  ];
  fs.writeFileSync(path.join(reports, "smuggled.html"), good.replace("</main>", `${smuggled.join("")}</main>`));
  const page = await open("smuggled.html");
  await page.waitForTimeout(200);
  assert.deepEqual(page.noted.filter((one) => one.startsWith("asked for")), []);
  assert.equal(await page.evaluate(() => window.__pwned), undefined);
  assert.ok(page.noted.some((one) => one.includes("Content Security Policy")), `${page.noted}`);
  await close(page);
});
