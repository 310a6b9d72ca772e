// Elements from names, attributes and text. Text is only ever set as text: what the API answers may hold any markup.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element. `on` holds listeners, `value`, `checked` and the like are set as properties, the rest as attributes;
 * null, undefined and false leave an attribute away.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
  element.append(...children.filter(present).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/** The same for SVG. @param {string} tag @param {Record<string, any>} [attributes] @param {...Child} children */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (present(value)) element.setAttribute(name, String(value));
  element.append(...children.filter(present).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "indeterminate", "selected"]);

/** @param {any} element @param {string} name @param {any} value */
function put(element, name, value) {
  if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
  else if (PROPERTIES.has(name)) element[name] = value ?? "";
  else if (present(value)) element.setAttribute(name, value === true ? "" : String(value));
}

/** @param {any} value */
function present(value) {
  return value !== null && value !== undefined && value !== false;
}

/** A name that somebody else chose: kept apart from the text around it, whichever way it is written. @param {Child} text */
export function foreign(text) {
  return h("bdi", { class: "foreign" }, text);
}

/**
 * A table that scrolls by itself on narrow screens.
 * @param {string} caption
 * @param {Child[]} heads
 * @param {Child[][]} rows the first cell of each is its head
 * @param {{numeric?: boolean}} [how]
 */
export function table(caption, heads, rows, { numeric = true } = {}) {
  const kind = numeric ? "number" : null;
  const head = h("tr", {}, ...heads.map((text, k) => h("th", { scope: "col", class: k ? kind : null }, text)));
  const body = rows.map(([first, ...rest]) =>
    h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", { class: kind }, cell))));
  return h("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {}, h("caption", {}, caption), h("thead", {}, head), h("tbody", {}, ...body)));
}

/** Terms and what they are. @param {[string, Child][]} pairs */
export function facts(pairs) {
  return h("dl", { class: "facts" }, ...pairs.map(([term, what]) => h("div", {}, h("dt", {}, term), h("dd", {}, what))));
}

/** Said by screen readers, not shown. @param {string} text */
export function speak(text) {
  const place = /** @type {HTMLElement} */ (document.getElementById("spoken"));
  if (place.textContent !== text) place.textContent = text;
}

/** @param {string} name @param {Child} text */
export function heading(name, text) {
  document.title = `${name} · Thalweg`;
  return h("h1", { tabindex: -1 }, text);
}
