// What a job that has ended is good for: going on, and predicting.

import { Problem, call, get } from "./api.js";
import { field } from "./controls.js";
import { facts, foreign, h } from "./dom.js";
import { loose, number } from "./format.js";
import { made, starter } from "./start.js";

const MOST_FIELDS = 40;

/** So many more iterations, as a new job. @param {any} job @param {AbortSignal} signal */
export function goingOn(job, signal) {
  const count = h("input", { type: "text", inputmode: "numeric", value: String(job.result.iterations || 100) });
  const place = field("More iterations", count, "/max_iterations");
  const said = /** @type {HTMLElement} */ (place.querySelector(".problem"));
  const text = () => JSON.stringify({ max_iterations: loose(count.value) });
  const send = async (/** @type {string} */ sent, /** @type {string} */ key) => {
    said.textContent = "";
    return `#/jobs/${await made(`/v1/jobs/${job.id}/continue?wait=1`, JSON.parse(sent), key, signal)}`;
  };
  const refuse = (/** @type {Problem} */ problem) => { said.textContent = problem.message; return place; };
  const { element, start } = starter("Go on", text, send, refuse, signal);
  return h("section", {}, h("h2", {}, "Go on"), h("form", { novalidate: true, class: "narrow", on: { submit: start } }, place, element));
}

/** A row by its columns, and what the model says to it. @param {any} job @param {AbortSignal} signal */
export async function predicting(job, signal) {
  const dataset = await get(`/v1/datasets/${job.settings.dataset}`, signal).catch((error) => { if (signal.aborted) throw error; return { columns: [] }; });
  const names = job.resolved?.features ?? job.settings.features;
  const inputs = names.slice(0, MOST_FIELDS).map((/** @type {string} */ name) => input(name, dataset.columns.find((/** @type {any} */ one) => one.name === name)));
  const [place, rest] = [h("div", { role: "status" }), h("div", { role: "alert" })];
  const form = h("form", { novalidate: true, on: { submit: predict } },
    h("div", { class: "grid" }, ...inputs.map((/** @type {any} */ one) => one.element)), rest, h("div", { class: "actions" }, h("button", { type: "submit" }, "Predict")), place);
  const many = names.length > MOST_FIELDS;
  const hint = h("p", { class: "hint" }, `POST /v1/jobs/${job.id}/predictions takes rows of ${names.length} columns, as JSON or CSV.`);
  return h("section", {}, h("h2", {}, "Predict a row"), many ? hint : form);

  /** @param {Event} event */
  async function predict(event) {
    event.preventDefault();
    const row = Object.fromEntries(inputs.map((/** @type {any} */ one) => [one.name, one.read()]));
    place.replaceChildren();
    rest.replaceChildren();
    try {
      const { document } = await call(`/v1/jobs/${job.id}/predictions`, { json: { rows: [row] }, signal });
      place.replaceChildren(foretold(job.settings.target, document));
    } catch (error) {
      if (signal.aborted) return;
      rest.replaceChildren(h("p", { class: "problem" }, /** @type {Error} */ (error).message));
    }
  }
}

/** A number begins at its mean, a category at its first level; empty is a missing cell. @param {string} name @param {any} column */
function input(name, column) {
  const levels = column?.categories;
  const control = levels
    ? h("select", {}, ...["", ...levels].map((level) => h("option", { value: level }, level)))
    : h("input", { type: "text", autocomplete: "off", value: typeof column?.mean === "number" ? String(Number(column.mean.toPrecision(4))) : "" });
  if (levels) control.value = levels[0];
  const read = () => (control.value === "" ? null : column?.type === "category" ? control.value : loose(control.value));
  return { name, element: field(name, control, ""), read };
}

/** @param {string} target @param {any} document */
function foretold(target, { predictions: [one], classes, probabilities }) {
  const shown = typeof one === "number" ? number(one) : (one ?? "none");
  const shares = probabilities?.[0] ? classes.map((/** @type {string} */ name, /** @type {number} */ k) => [`probability of ${name}`, number(probabilities[0][k], 3)]) : [];
  return facts([[target, foreign(shown)], ...shares]);
}
