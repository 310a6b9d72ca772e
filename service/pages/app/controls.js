// The parts of a form. Each reads and shows one setting; what may be chosen, and its ranges, come from the catalogue.

import { h } from "./dom.js";
import { loose } from "./format.js";

/**
 * A control of one setting. `read` is undefined where the default shall hold; `effective` shows what that comes to.
 * @typedef {{key: string, element: HTMLElement, read: () => any, show: (value: any) => void, effective: (value: any) => void}} Control
 * @typedef {{name: string, type: string, required: boolean, default: any, choices: string[] | null, range: Record<string, number>}} Parameter
 * @typedef {{name: string, formula: string, parameters: Parameter[]}} Entry
 */

let count = 0;

/**
 * A label, its control, a hint, and room for what is wrong with it (`pointer` is where the API says so).
 * @param {string} label @param {HTMLElement} control @param {string} pointer @param {any} [hint]
 */
export function field(label, control, pointer, hint) {
  const id = `field${++count}`;
  control.id = id;
  control.setAttribute("aria-describedby", `${id}-hint ${id}-problem`);
  return h("div", { class: "field", "data-pointer": pointer },
    h("label", { for: id }, label),
    control,
    h("p", { class: "hint", id: `${id}-hint` }, hint),
    h("p", { class: "problem", id: `${id}-problem` }));
}

/**
 * A line of text: a number or JSON where it is one, the default where it is empty.
 * @param {string} label @param {string} key @param {{hint?: string, plain?: boolean, of?: (effective: any) => string}} [how]
 * @returns {Control}
 */
export function line(label, key, { hint, plain = false, of = shown } = {}) {
  const input = h("input", { type: "text", name: key, autocomplete: "off", spellcheck: "false", inputmode: plain ? null : "decimal" });
  return {
    key,
    element: field(label, input, `/${key}`, hint),
    read: () => (input.value.trim() === "" ? undefined : plain ? input.value : loose(input.value)),
    show: (value) => { input.value = value === undefined || value === null ? "" : shown(value); },
    effective: (value) => { input.placeholder = of(value); },
  };
}

/**
 * A choice from a list of names. @param {string} label @param {string} key @param {string[]} names @returns {Control}
 */
export function pick(label, key, names) {
  const select = h("select", { name: key }, ...names.map((name) => h("option", { value: name }, name)));
  return {
    key,
    element: field(label, select, `/${key}`),
    read: () => select.value,
    show: (value) => { select.value = value ?? ""; },
    effective: () => {},
  };
}

/**
 * A kind with its members, as in `"sgd"` or `{"name": "momentum", "beta": 0.9}`; "default" leaves it to the API.
 * @param {string} label @param {string} key
 * @param {Entry[]} entries
 * @param {{by?: string, number?: boolean}} [how] by which member kinds are named; whether a number alone will do
 * @returns {Control & {offer: (entries: Entry[]) => void}}
 */
export function kind(label, key, entries, { by = "name", number = false } = {}) {
  const select = h("select", { name: key });
  const members = h("div", { class: "members" });
  const whole = field(label, select, `/${key}`);
  const formula = /** @type {HTMLElement} */ (whole.querySelector(".hint"));
  /** @type {Control[]} */
  let inner = [];
  let [shownDefault, other] = ["", /** @type {any} */ (undefined)];

  const control = { key, element: h("div", { class: "kind" }, whole, members), read, show, effective, offer };
  select.addEventListener("input", () => unfold({})); // before the form reads it
  offer(entries);
  return control;

  /** @param {Entry[]} offered */
  function offer(offered) {
    entries = offered;
    const before = select.value;
    const names = ["", ...(number ? [CONSTANT] : []), ...entries.map(({ name }) => name), ...(other === undefined ? [] : [OTHER])];
    select.replaceChildren(...names.map((name) => h("option", { value: name }, name || defaultText())));
    select.value = names.includes(before) ? before : "";
    if (select.value !== before) unfold({});
  }

  function defaultText() {
    return shownDefault ? `default: ${shownDefault}` : "default";
  }

  /** @param {Record<string, any>} given */
  function unfold(given) {
    const entry = entries.find(({ name }) => name === select.value);
    inner = select.value === CONSTANT ? [line("Value", key)] : (entry?.parameters ?? []).map((one) => member(key, one));
    inner.forEach((one) => one.show(given[one.key]));
    formula.textContent = entry?.formula ?? "";
    members.replaceChildren(...inner.map(({ element }) => element));
  }

  function read() {
    if (select.value === "") return undefined;
    if (select.value === CONSTANT) return inner[0].read() ?? "";
    if (select.value === OTHER) return other;
    const given = Object.fromEntries(inner.map((one) => [one.key, one.read()]).filter(([, value]) => value !== undefined));
    return by === "name" && !Object.keys(given).length ? select.value : { [by]: select.value, ...given };
  }

  /** @param {any} value */
  function show(value) {
    const members = value && typeof value === "object" ? value : { [key]: value };
    const name = typeof value === "string" ? value : typeof value === "number" ? CONSTANT : members[by];
    const known = value === undefined || name === CONSTANT || entries.some((entry) => entry.name === name);
    other = known ? undefined : value;
    offer(entries);
    select.value = value === undefined ? "" : known ? name : OTHER;
    unfold(members);
  }

  /** @param {any} value */
  function effective(value) {
    if (select.value === "") {
      shownDefault = (value && typeof value === "object" ? value[by] : value) ?? "";
      if (select.options.length) select.options[0].textContent = defaultText();
    }
    inner.forEach((one) => one.effective(value?.[one.key]));
  }
}

const CONSTANT = "constant";
const OTHER = "as in the JSON below";

/** One member of a kind. @param {string} setting @param {Parameter} parameter @returns {Control} */
function member(setting, parameter) {
  const { name, required, choices } = parameter;
  const words = choices ?? (parameter.type === "boolean" ? ["true", "false"] : null);
  const found = words ? list(name, words, String(parameter.default)) : line(name, name, { hint: range(parameter.range), plain: parameter.type === "string" });
  found.element.dataset.pointer = `/${setting}/${name}`;
  found.effective(parameter.default);
  if (required) found.element.classList.add("required");
  return found;
}

/** @param {string} name @param {string[]} words @param {string} normal @returns {Control} */
function list(name, words, normal) {
  const select = h("select", {}, ...words.map((word) => h("option", { value: word }, word)));
  select.value = normal;
  return {
    key: name,
    element: field(name, select, ""),
    read: () => (select.value === normal ? undefined : select.value === "true" || select.value === "false" ? select.value === "true" : select.value),
    show: (value) => { select.value = String(value ?? normal); },
    effective: () => {},
  };
}

/** @param {Record<string, number>} limits */
function range(limits) {
  /** @type {Record<string, string>} */
  const words = { minimum: "at least", exclusiveMinimum: "above", maximum: "at most", exclusiveMaximum: "below" };
  return Object.entries(limits).map(([limit, value]) => `${words[limit]} ${value}`).join(", ");
}

/** @param {any} value */
function shown(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
