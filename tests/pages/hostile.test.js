"use strict";
// Names that would like to be markup: in the page they are text, the very text that the dumps give, and nothing runs.

const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { close, open, start, stop } = require("./browser.js");
const { DECEPTIVE, groups, machines, meant, named, networks, says } = require("./given.js");

before(start);
after(stop);

/** Every element that a report is made of. */
const ELEMENTS = new Set(("html head meta title style body a header h1 h2 h3 h4 h5 h6 dl div dt dd nav ol ul li span main section p strong em " +
  "code pre table caption thead tbody tr th td figure figcaption details summary blockquote br hr script button label input output " +
  "svg rect line path text desc").split(" "));
const ATTRIBUTES = new Set(("lang charset http-equiv content name class href id aria-label aria-labelledby aria-sort aria-live aria-describedby data-risk " +
  "data-key tabindex role scope start type placeholder open xmlns viewBox width height x y x1 y1 x2 y2 d fill stroke font-family font-size textLength lengthAdjust " +
  "font-weight text-anchor").split(" "));

test("nothing runs, nothing is asked for, and there is no element but a report's own", async () => {
  for (const script of [true, false]) {
    const page = await open("hostile.html", { script });
    const found = await page.evaluate(() => Array.from(document.querySelectorAll("*"), (one) => [one.localName, ...one.getAttributeNames()]));
    const strange = found.filter(([name, ...attributes]) => !ELEMENTS.has(name) || attributes.some((one) => !ATTRIBUTES.has(one)));
    assert.deepEqual(strange, []);
    const links = await page.locator("a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
    assert.deepEqual(links.filter((to) => !/^#[a-z0-9-]+$/.test(to) && !/^https:\/\/[a-z0-9.-]+\//.test(to)), []);
    assert.deepEqual(links.filter((to) => to.includes("evil.example")), []);
    // All that a reader can touch.
    for (const summary of (await page.locator("summary").all()).slice(0, 8)) await summary.click();
    if (script) {
      await page.locator("input").first().fill("<script>window.__pwned=1</script>");
      for (const button of await page.locator("th button").all()) await button.click();
    }
    await page.mouse.move(200, 300);
    assert.equal(await page.evaluate(() => window.__pwned), undefined);
    assert.deepEqual(page.noted, []);
    await close(page);
  }
});

test("every name is shown as the dump gives it", async () => {
  const page = await open("hostile.html");
  const places = await page.locator("summary strong").allTextContents();
  const systems = await page.locator("td strong").allTextContents();
  const rules = await page.locator("caption").allTextContents();
  const questions = await page.locator("#not-decided td:first-child").allTextContents();
  const missing = [];
  const expect = (what, names, where, but = () => true) => {
    for (const name of names.filter(but)) {
      if (!where.some((shown) => says(shown, name) || says(named(shown), name))) missing.push(`${what}: ${JSON.stringify(name.slice(0, 80))}`);
    }
  };
  const known = (name) => !/h3[56]|h42/.test(name);
  expect("group", groups, places, known);
  expect("network group", networks, places, known);
  expect("rules of", groups, rules, known);
  expect("machine", machines, systems);
  expect("not decided", [...groups, ...networks], questions, (name) => /h36|h42/.test(name));
  assert.deepEqual(missing, []);
  await close(page);
});

test("no character that deceives is left in the page", async () => {
  const page = await open("hostile.html");
  const text = await page.evaluate(() => document.documentElement.textContent);
  const left = Array.from(text.matchAll(new RegExp(DECEPTIVE, "gu")), ([found]) => found.codePointAt(0)).filter((code) => code !== 10);
  assert.deepEqual(left, []);
  const attributes = await page.evaluate(() => Array.from(document.querySelectorAll("*")).flatMap((one) => Array.from(one.attributes, (a) => a.value)));
  assert.deepEqual(attributes.filter((value) => DECEPTIVE.test(value)), []);
  await close(page);
});

test("a title and a client of that kind are text, too", async () => {
  const page = await open("hostile.html");
  const title = process.env.TIDEGATE_HOSTILE;
  assert.ok(title.includes("<script>"));
  assert.equal(meant(await page.locator("h1").textContent()), title);
  assert.equal(meant(await page.title()), title);
  assert.equal(meant(await page.locator(".cover dd").first().textContent()), title);
  await close(page);
});

test("what is checked is found when it is there", () => {
  assert.ok(says("a\\u{202e}b", "a\u202eb"));
  assert.ok(!says("a\u202eb", "a\u202eb"), "left as it is");
  assert.ok(!says("ab", "a\u202eb"), "dropped");
  assert.ok(!says("&lt;b&gt;", "<b>"), "escaped twice");
  assert.ok(!ELEMENTS.has("img") && !ELEMENTS.has("iframe") && !ATTRIBUTES.has("onclick") && !ATTRIBUTES.has("style"));
});
