"use strict";
// What a screen reader is told of a report, and how one goes through it by keyboard.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { close, open, opened, packages, start, stop } = require("./browser.js");

before(start);
after(stop);

for (const name of ["estate.html", "hostile.html", "empty.html"]) {
  test(`${name} is told in full to a screen reader`, async () => {
    const page = await open(name);
    await opened(page);
    const levels = await page.locator("h1, h2, h3, h4, h5, h6").evaluateAll((all) => all.map((one) => Number(one.tagName[1])));
    assert.equal(levels.filter((level) => level === 1).length, 1, "one heading of the page");
    assert.equal(levels[0], 1);
    levels.reduce((before, level) => (assert.ok(level <= before + 1, `a heading ${level} follows a ${before}`), level));
    const told = await page.evaluate(() => ({
      language: document.documentElement.lang,
      landmarks: ["header", "nav[aria-label]", "main"].map((one) => document.querySelectorAll(one).length),
      tables: Array.from(document.querySelectorAll("table")).filter((one) => !one.caption?.textContent.trim() && !one.getAttribute("aria-label")?.trim()).length,
      pictures: Array.from(document.querySelectorAll("svg, img")).filter((one) => one.getAttribute("role") !== "img" || !one.querySelector("title")?.textContent.trim() || !one.querySelector("desc")?.textContent.trim()).length,
      ids: Array.from(document.querySelectorAll("[id]"), (one) => one.id).filter((id, at, all) => all.indexOf(id) !== at),
      dead: Array.from(document.querySelectorAll("a[href^='#']")).filter((one) => !document.getElementById(one.hash.slice(1))).length,
    }));
    assert.deepEqual(told, { language: "en", landmarks: [1, 1, 1], tables: 0, pictures: 0, ids: [], dead: 0 });
    await page.evaluate(() => document.body.focus());
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop skips to the content");
    const shown = await page.locator(".skip").boundingBox();
    assert.ok(shown.x >= 0 && shown.y >= 0, "and can be seen");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null), "and leads there");
    await close(page);
  });

  for (const [width, scheme] of [[400, "dark"], [1400, "light"]]) {
    test(`${name}, ${width} px, ${scheme}: axe finds nothing`, async () => {
      const page = await open(name, { scheme, width });
      await opened(page);
      // Its code is put in from outside: the page's policy would not let it.
      await page.evaluate(packages("axe-core").source);
      const { violations, passes } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      assert.ok(passes.length > 10);
      const told = violations.map((one) => `${one.id}: ${one.help}, ${one.nodes.length} times: ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary}`);
      assert.deepEqual(told, []);
      await close(page);
    });
  }
}
