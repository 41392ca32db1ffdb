"use strict";
// How a report looks: nothing overlaps, is cut or hard to read, on narrow and wide screens, in light and dark.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { close, open, opened, start, stop } = require("./browser.js");
const measures = require("./measures.js");

before(start);
after(stop);

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
