// What a job came to: parameters and metrics as tables, whatever the kind of model.

import { foreign, h, table } from "./dom.js";
import { number } from "./format.js";

const MOST = 100;

/** @param {any} job @returns {Node[]} */
export function result(job) {
  const found = job.result;
  if (!found) return [];
  const model = `/v1/jobs/${job.id}/model?pretty`;
  return [
    ...(found.metrics ? [h("section", {}, h("h2", {}, "Metrics"), ...metrics(found))] : []),
    h("section", {}, h("h2", {}, "Parameters"), ...parameters(found, model), note(found)),
    ...(found.starts?.length > 1 ? [h("section", {}, h("h2", {}, "Starts"), starts(found.starts))] : []),
  ];
}

/** @param {any} found */
function note(found) {
  const words = found.which === "best" ? "The best by validation cost." : "The last of the descent.";
  const gap = found.optimum ? ` The cost is ${number(found.optimum.optimality_gap, 3)} above the least possible one, ${number(found.optimum.cost)}.` : "";
  const point = found.stationary_point ? ` Stationary point: ${found.stationary_point}; the gradient's norm is ${number(found.gradient_norm, 3)}.` : "";
  return h("p", { class: "hint" }, words + gap + point);
}

/** @param {any} found @param {string} model @returns {Node[]} */
function parameters(found, model) {
  const given = found.parameters;
  const link = (/** @type {string} */ text) => h("p", {}, h("a", { href: model }, text));
  if (!given) return [link("There are more than 1,000: they are in the model.")];
  if (given.layers) return [...layers(given), link("Weights and biases are in the model.")];
  const [heads, rows] = given.coefficients ? linear(given, found.standard_errors) : flat(given, found.standard_errors);
  const more = rows.length > MOST ? [link(`… and ${rows.length - MOST} more, in the model.`)] : [];
  return [table(found.starts ? "The last point of the best start" : "In the units of the columns", heads, rows.slice(0, MOST)), ...more];
}

/** Where each start ended, the best first. @param {any[]} all */
function starts(all) {
  const place = (/** @type {any} */ point) => point ? Object.entries(point).map(([name, value]) => `${name} ${number(value)}`).join(", ") : "–";
  const rows = all.slice(0, MOST).map((one) => [foreign(place(one.initial)), foreign(place(one.parameters)), number(one.cost), String(one.iterations)]);
  return table("The best first", ["Start", "End", "Cost", "Iterations"], rows);
}

/** A row for each column; one value, or one for each class. @param {any} given @param {any} errors @returns {[any[], any[][]]} */
function linear(given, errors) {
  if (given.classes && Object.values(given.coefficients).some((one) => one !== null && typeof one === "object")) return byClass(given);
  const [heads, rows] = flat(given.coefficients, errors?.coefficients);
  const first = given.intercept === null ? [] : [["intercept", number(given.intercept), ...(errors ? [number(errors.intercept)] : [])]];
  const what = given.classes ? [foreign(`Value, for ${given.classes[1]}`)] : [heads[1]];
  return [["Parameter", ...what, ...heads.slice(2)], [...first, ...rows]];
}

/** @param {any} given @returns {[any[], any[][]]} */
function byClass({ classes, intercept, coefficients }) {
  const columns = Object.keys(coefficients[classes[0]]);
  const rows = columns.map((name) => [foreign(name), ...classes.map((/** @type {string} */ one) => number(coefficients[one][name]))]);
  const first = intercept ? [["intercept", ...classes.map((/** @type {string} */ one) => number(intercept[one]))]] : [];
  return [["Parameter", ...classes.map(foreign)], [...first, ...rows]];
}

/** @param {Record<string, any>} values @param {Record<string, any> | null | undefined} errors @returns {[any[], any[][]]} */
function flat(values, errors) {
  const rows = Object.entries(values).map(([name, value]) => [foreign(name), number(value), ...(errors ? [number(errors[name])] : [])]);
  return [["Parameter", "Value", ...(errors ? ["Standard error"] : [])], rows];
}

/** @param {any} given */
function layers({ layers: all, columns }) {
  const rows = all.map((/** @type {any} */ one, /** @type {number} */ k) => [`Layer ${k + 1}`, String(one.weights.length), String(one.bias.length), one.activation]);
  return [table(`A network of ${columns.length} inputs`, ["", "Inputs", "Outputs", "Activation"], rows)];
}

/** @param {any} found @returns {Node[]} */
function metrics({ metrics: { train, validation } = {}, cost, validation_cost: held }) {
  const names = Object.keys(train ?? {}).filter((name) => name !== "confusion");
  const rows = [["cost", number(cost), ...(validation ? [number(held)] : [])],
    ...names.map((name) => [name, number(train[name]), ...(validation ? [number(validation[name])] : [])])]
    .filter(([, ...cells]) => cells.some((cell) => cell !== number(null)));
  const heads = ["", "Training", ...(validation ? ["Validation"] : [])];
  const shown = validation ?? train;
  return [table("How well it fits", heads, rows), ...(shown?.confusion ? [confusion(shown.confusion, validation ? "validation" : "training")] : [])];
}

const MOST_CLASSES = 30;

/** @param {{labels: string[], counts: number[][]}} counted @param {string} where */
function confusion({ labels, counts }, where) {
  if (labels.length > MOST_CLASSES) return h("p", { class: "hint" }, `The confusion of ${labels.length} classes is in the job's JSON.`);
  const rows = labels.map((label, k) => [foreign(label), ...counts[k].map((value) => number(value))]);
  return table(`True by predicted class, ${where} rows`, ["True", ...labels.map(foreign)], rows);
}
