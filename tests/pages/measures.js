"use strict";
// Functions that run inside of a page and list what is wrong with its looks.

/** Elements that reach out of the window, outside of parts that scroll by themselves. */
function outside() {
  const wrong = [];
  if (document.scrollingElement.scrollWidth > innerWidth) wrong.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
  for (const one of document.querySelectorAll("body *")) {
    if (one.parentElement.closest(".scroll, pre") || one.closest(".skip")) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width > 0 && (right > innerWidth + 1 || left < -1)) wrong.push(`${one.tagName} ${one.className} ${one.textContent.slice(0, 60)}: ${left} to ${right}`);
    // What scrolls can be reached; what is cut cannot.
    const { overflowX } = getComputedStyle(one);
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && (overflowX === "hidden" || overflowX === "clip")) {
      wrong.push(`${one.tagName} ${one.className} is cut`);
    }
  }
  // Pictures end where their frame ends.
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const { left, right, bottom } = text.getBoundingClientRect();
      if (frame.width > 0 && (left < frame.left - 1 || right > frame.right + 1 || bottom > frame.bottom + 1)) {
        wrong.push(`in a picture: ${text.textContent.slice(0, 60)}`);
      }
    }
  }
  return wrong.slice(0, 10);
}

/** Pieces of text that lie on one another. */
function overlaps() {
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const around = node.parentElement;
    if (!node.data.trim() || around.closest(".skip, script, title, desc") || !around.checkVisibility()) continue;
    range.selectNodeContents(node);
    // A range does not know that text in a picture is fitted into a width (textLength); the element does.
    const rects = around.closest("text") ? [around.getBoundingClientRect()] : range.getClientRects();
    for (const { left, right, top, bottom } of rects) {
      // Fonts reserve room above and below their letters; only the letters count.
      const inset = (bottom - top) * 0.2;
      if (right - left > 1) boxes.push({ left, right, top: top + inset, bottom: bottom - inset, node, x: around });
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  const wrong = [];
  let active = [];
  for (const box of boxes) {
    active = active.filter((other) => other.bottom > box.top + 1);
    for (const other of active) {
      if (other.node === box.node) continue;
      // What scrolls sideways is cut off at its edges.
      const [a, b] = [other, box].map((one) => one.x.closest(".scroll, pre"));
      if (a !== b && (a || b)) continue;
      if (Math.min(other.right, box.right) - Math.max(other.left, box.left) > 1) {
        wrong.push(`${other.node.data.slice(0, 60)} / ${box.node.data.slice(0, 60)}`);
      }
    }
    active.push(box);
  }
  // The contents stay in view beside the text while it scrolls: no overlap, but cut off at their own edges.
  return wrong.slice(0, 10);
}

/** Text whose contrast against what is behind it is below 4.5 to 1. */
function faint() {
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const known = new Map();
  const behind = (element) => {
    if (!element) return { r: 255, g: 255, b: 255, a: 1 };
    if (!known.has(element)) known.set(element, over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement)));
    return known.get(element);
  };
  const wrong = new Set();
  const check = (text, ink, paper) => {
    const ratio = contrast(over(ink, paper), paper);
    if (ratio < 4.5) wrong.add(`${text.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const around = node.parentElement;
    if (!node.data.trim() || around.closest("svg, script, .skip")) continue;
    check(node.data, parse(getComputedStyle(around).color), behind(around));
  }
  for (const input of document.querySelectorAll("input")) {
    check(input.placeholder, parse(getComputedStyle(input, "::placeholder").color), behind(input));
  }
  // Pictures are flat lists of shapes: what lies behind a text is the last one before it that holds its middle.
  for (const svg of document.querySelectorAll("svg")) {
    const shapes = [];
    for (const one of svg.children) {
      if (one.tagName === "rect" || one.tagName === "path") shapes.push(one);
      if (one.tagName !== "text" || !one.textContent.trim()) continue;
      const box = one.getBBox();
      const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
      const ground = shapes.findLast((shape) => shape.isPointInFill(middle));
      check(one.textContent, parse(getComputedStyle(one).fill), ground ? parse(getComputedStyle(ground).fill) : behind(svg.parentElement));
    }
  }
  return Array.from(wrong).slice(0, 10);
}

module.exports = { outside, overlaps, faint };
