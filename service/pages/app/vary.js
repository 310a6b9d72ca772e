// One setting in several values: a sweep.

import { Problem } from "./api.js";
import { field } from "./controls.js";
import { h } from "./dom.js";
import { loose } from "./format.js";
import { made, starter } from "./start.js";

/** @type {Record<string, string>} */
const EXAMPLES = { learning_rate: "0.01, 0.1, 0.5", optimizer: "sgd, momentum, adam", max_iterations: "10, 100, 1000" };
/** @type {Record<string, string>} */
const OF_ROWS = { batch_size: "1, 32, 256", sampling: "shuffle, sequential", penalty: 'none, {"name": "l2", "strength": 0.1}' };
const PART = /(?:\{[^}]*\}|\[[^\]]*\]|[^,])+/g;

/** @param {import("./form.js").SettingsForm} form whose settings the jobs share @param {AbortSignal} signal @param {boolean} [rows] whether they fit a model to rows */
export function varied(form, signal, rows = true) {
  const examples = rows ? { ...EXAMPLES, ...OF_ROWS } : EXAMPLES;
  const name = h("select", {}, ...Object.keys(examples).map((one) => h("option", { value: one }, one.replaceAll("_", " "))));
  const values = h("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  const [what, which] = [field("What differs", name, ""), field("To compare", values, "/vary", "Apart by commas, or a JSON list.")];
  const rest = h("div", { role: "alert" });
  const example = () => { values.placeholder = examples[name.value]; };
  name.addEventListener("change", example);
  example();

  const text = () => JSON.stringify({ base: base(form.settings, name.value), vary: { [name.value]: listed(values.value) } });
  const send = async (/** @type {string} */ sent, /** @type {string} */ key) => `#/sweeps/${await made("/v1/sweeps?wait=1", JSON.parse(sent), key, signal)}`;
  const { element, start } = starter("Start the sweep", text, send, refuse, signal);
  return h("details", {}, h("summary", {}, "Compare several values of a setting"),
    h("form", { novalidate: true, on: { submit: start } }, h("div", { class: "grid" }, what, which), rest, element));

  /** What is said of the shared settings stands at their fields above. @param {Problem} problem */
  function refuse(problem) {
    const own = problem.places.filter(({ pointer }) => !pointer?.startsWith("/base/"));
    const shared = problem.places.filter((place) => !own.includes(place)).map((place) => ({ ...place, pointer: place.pointer?.slice("/base".length) }));
    const said = own.length || !shared.length ? [h("p", { class: "problem" }, own.map(({ detail }) => detail).join(" ") || problem.message)] : [];
    rest.replaceChildren(...said);
    return shared.length ? form.tell(new Problem(problem.status, { detail: problem.message, errors: shared })) : which;
  }
}

/** @param {Record<string, any>} settings @param {string} name what is not shared */
function base(settings, name) {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key !== name));
}

/** The members of a JSON list, or what commas part outside of braces and brackets. @param {string} text @returns {any[]} */
export function listed(text) {
  const whole = loose(text);
  return Array.isArray(whole) ? whole : (text.match(PART) ?? []).filter((part) => part.trim()).map(loose);
}
