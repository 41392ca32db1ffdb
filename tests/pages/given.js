"use strict";
// The texts that the hostile dumps give, and how what is shown is read back.

const fs = require("node:fs");
const path = require("node:path");

const dumps = path.join(__dirname, "../hostile");
const read = (file) => JSON.parse(fs.readFileSync(path.join(dumps, file), "utf8"));

/** Names of policies and of machines, as the clouds' own answers hold them. */
const groups = read("aws/security-groups.json").SecurityGroups.map((group) => group.GroupName);
const machines = read("aws/instances.json").Reservations.flatMap((one) => one.Instances).map((one) => one.Tags.find((tag) => tag.Key === "Name").Value);
const networks = read("azure/nsgs.json").map((group) => group.name);

/** Control, format, private-use and separator characters: what a reader cannot see, or is misled by. */
const DECEPTIVE = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f]/u;

/** What visible spellings (`\u{202e}`, `\n`) stand for. */
function meant(shown) {
  const short = { n: "\n", r: "\r", t: "\t" };
  return shown.replace(/\\u\{([0-9a-f]+)\}|\\([nrt])/g, (_, code, letter) => (code ? String.fromCodePoint(parseInt(code, 16)) : short[letter]));
}

/** More marks on one letter than any script needs: they would climb over the lines around it. */
const TOWER = /\p{M}{5}/u;

/** Whether a shown text is a given one: letter by letter, or with what deceives spelled out. */
function says(shown, given) {
  if (DECEPTIVE.test(shown) || TOWER.test(shown)) return false;
  return DECEPTIVE.test(given) || TOWER.test(given) ? meant(shown) === given : shown === given;
}

/** A policy's name, of the label that it is shown with: the id or the resource group behind it tells equal names apart. */
const named = (label) => label.replace(/ \((sg-0[0-9a-f]+|resource group shop|\/subscriptions\/[^]*)\)$/, "");

module.exports = { groups, machines, networks, says, meant, named, DECEPTIVE };
