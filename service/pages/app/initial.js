// Where the parameters of a formula, or the variables of a function, begin: a field for each name.

import { line } from "./controls.js";
import { h } from "./dom.js";

const WORD = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*(?:\s*\()?/g;
const QUOTED = /`[^`]*`/g;
const MOST = 30;

/**
 * The names in an expression, in order of first use: no functions, columns in backticks, nor what is `known`: constants, columns.
 * @param {string} expression @param {string[]} known
 */
export function namesOf(expression, known) {
  const words = expression.replace(QUOTED, " ").match(WORD) ?? [];
  const apart = new Set(known);
  return [...new Set(words.filter((word) => /^[A-Za-z_]\w*$/.test(word) && !apart.has(word)))];
}

/** A box that points are drawn from, for other names: a new one has the range of the first. @param {any} value @param {string[]} names */
export function following(value, names) {
  const box = value?.random;
  if (typeof box !== "object" || !box || !names.length) return value;
  return { ...value, random: Object.fromEntries(names.map((name) => [name, box[name] ?? Object.values(box)[0]])) };
}

/**
 * A field for each of the names that are offered; a line of JSON where there are none, or where it says more than numbers.
 * @param {string} label @param {{hint?: string, of?: (effective: any) => string}} how that of the line
 * @returns {import("./controls.js").Control & {offer: (names: string[], value: any) => boolean}} `offer` answers whether they are others
 */
export function beginning(label, how) {
  const whole = line(label, "initial", how);
  const input = /** @type {HTMLInputElement} */ (whole.element.querySelector("input"));
  const hint = /** @type {HTMLElement} */ (whole.element.querySelector(".hint"));
  const members = h("div", { class: "members", role: "group", "aria-label": label });
  input.before(members); // what is wrong with all of them leads to the first
  /** @type {import("./controls.js").Control[]} */
  let fields = [];
  /** @type {string[]} */
  let names = [];
  return { key: "initial", element: whole.element, read, show, effective: whole.effective, offer };

  /** @param {string[]} offered @param {any} value that of now */
  function offer(offered, value) {
    const others = offered.join() !== names.join();
    names = offered;
    if (others) show(value);
    return others;
  }

  function read() {
    if (!fields.length) return whole.read();
    const given = fields.map((one) => [one.key, one.read()]).filter(([, value]) => value !== undefined);
    return given.length ? Object.fromEntries(given) : undefined;
  }

  /** @param {any} value */
  function show(value) {
    whole.show(value);
    const few = names.length <= MOST && plain(value);
    fields = few ? names.map((name) => number(name, value?.[name])) : [];
    members.replaceChildren(...fields.map(({ element }) => element));
    input.hidden = fields.length > 0;
    hint.textContent = fields.length ? "A number for each, as near to the end as is known." : (how.hint ?? "");
  }
}

/** @param {string} name @param {any} value @returns {import("./controls.js").Control} */
function number(name, value) {
  const found = line(name, name);
  found.element.dataset.pointer = `/initial/${name}`;
  found.show(value);
  return found;
}

/** Whether it is nothing, or a value for each of some names. @param {any} value */
function plain(value) {
  return value === undefined || value === null
    || (typeof value === "object" && !Array.isArray(value) && Object.values(value).every((one) => typeof one !== "object"));
}
