"use strict";
// How a report looks: nothing overlaps, is cut or hard to read, on narrow and wide screens, in light and dark; and
// what a screen reader is told.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { close, open, packages, start, stop } = require("./browser.js");
const measures = require("./measures.js");

before(start);
after(stop);

const opened = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));

for (const name of ["estate.html", "hostile.html", "many.html", "empty.html"]) {
  for (const width of [400, 1400]) {
    for (const scheme of ["light", "dark"]) {
      test(`${name}, ${width} px, ${scheme}`, async () => {
        const page = await open(name, { width, scheme });
        await opened(page);
        assert.deepEqual(await page.evaluate(measures.outside), [], "wider than the window");
        assert.deepEqual(await page.evaluate(measures.overlaps), [], "overlapping");
        assert.deepEqual(await page.evaluate(measures.faint), [], "contrast below 4.5");
        assert.deepEqual(page.noted, []);
        await close(page);
      });
    }
  }
}

test("what is measured is found when it is wrong", async () => {
  const page = await open("estate.html", { width: 400 });
  await page.evaluate(() => {
    const main = document.querySelector("main");
    main.insertAdjacentHTML("beforeend", `<div id="w" style="width: 120vw">wide</div><p id="a">text over text</p><p id="b">text over text</p><p id="c">pale</p>`);
    document.getElementById("b").style.cssText = "margin-top: -2.5rem";
    document.getElementById("c").style.cssText = "color: #bbb; background: #fff";
    const svg = document.querySelector("svg");
    svg.insertAdjacentHTML("beforeend", `<text x="20" y="90" font-size="12" fill="#dddddd">pale</text>`);
  });
  assert.notDeepEqual(await page.evaluate(measures.outside), []);
  assert.ok((await page.evaluate(measures.overlaps)).some((one) => one.includes("text over text")));
  const faint = await page.evaluate(measures.faint);
  assert.equal(faint.filter((one) => one.includes("pale")).length, 2, `${faint}`);
  await close(page);
});

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
