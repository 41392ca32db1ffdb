"use strict";
// Reports in Markdown, through a reader that is not ours: names stay text there, too.

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { test } = require("node:test");
const { groups, machines, named, networks, says } = require("./given.js");

const packages = createRequire(path.join(process.env.TIDEGATE_PAGES, "package.json"));
const MarkdownIt = packages("markdown-it");
/** As on GitHub: HTML counts, and bare addresses become links (of which it asks for `www.`; this reader does not). */
const reader = new MarkdownIt({ html: true, linkify: true });
reader.linkify.set({ fuzzyLink: true, fuzzyEmail: true }).tlds("example", true);

/** What a file says: its texts, and every thing in it that is more than text. */
function taken(file) {
  const found = { html: [], links: [], images: [], texts: [], headings: [] };
  const walk = (tokens, into) => {
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at];
      if (token.type === "html_block" || token.type === "html_inline") found.html.push(token.content.trim());
      if (token.type === "link_open" && (token.markup !== "linkify" || /^https?:|^www\.|@/i.test(tokens[at + 1].content))) {
        found.links.push(token.attrGet("href"));
      }
      if (token.type === "image") found.images.push(token.attrGet("src"));
      if (token.type === "inline") {
        const text = token.children.map((one) => (one.type === "html_inline" ? "" : one.content)).join("");
        found.texts.push(text.replaceAll("\u200b", ""));
        if (tokens[at - 1]?.type === "heading_open") found.headings.push([tokens[at - 1].tag, text]);
        // Each part of a line by itself: a name in bold type, in code.
        for (const one of token.children) if (one.content) found.texts.push(one.content.replaceAll("\u200b", ""));
      }
      if (token.type === "fence" || token.type === "code_block") found.texts.push(token.content);
      if (token.children) walk(token.children, into);
    }
  };
  walk(reader.parse(fs.readFileSync(path.join(process.env.TIDEGATE_REPORTS, file), "utf8"), {}));
  return found;
}

/** Tags that our own Markdown is written with. */
const OWN = { "hostile.md": ["<br>"], "scan.md": ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<br>"] };

for (const [file, tags] of Object.entries(OWN)) {
  test(`${file}: no HTML, link or picture comes out of a name`, () => {
    const { html, links, images, headings, texts } = taken(file);
    assert.ok(texts.length > 100);
    const found = html.flatMap((one) => one.match(/<[^>]*>?/g) ?? []);
    assert.deepEqual(found.filter((one) => !tags.includes(one)).map((one) => one.slice(0, 100)), []);
    assert.deepEqual(links.filter((to) => /evil|script|octocat|example\/|owner|mailto/.test(to) || !/^(#[a-z0-9-]+|https:\/\/[a-z0-9.-]+\/[^<>"]*)$/.test(to)), []);
    assert.deepEqual(images.filter((from) => !/^hostile-pictures\/[a-z0-9-]+\.svg$/.test(from)), []);
    assert.deepEqual(headings.filter(([tag, text]) => tag !== "h1" && /h\d\d/.test(text)), [], "a name became a heading");
  });
}

test("hostile.md: every name reads as the dump gives it", () => {
  const { texts } = taken("hostile.md");
  const squeezed = (text) => text.split(" ").filter(Boolean).join(" ");
  const shown = new Set(texts.flatMap((text) => [text, named(text)]));
  const missing = [...groups, ...networks, ...machines].filter((name) => ![...shown].some((text) => says(squeezed(text), squeezed(name))));
  assert.deepEqual(missing.filter((name) => !/h35/.test(name)).map((name) => name.slice(0, 80)), []);
});

test("what is checked is found when it is there", () => {
  fs.writeFileSync(path.join(process.env.TIDEGATE_REPORTS, "bad.md"), "# t\n\n<img src=x> [a](https://evil.example/) ![i](https://evil.example/i.png) www.evil.example\n\n## h01\n");
  const { html, links, images, headings } = taken("bad.md");
  assert.deepEqual([html.length, links.length, images.length, headings.length], [1, 2, 1, 2]);
});
