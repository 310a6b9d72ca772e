// A new job without data: a function to be minimised.

import { get } from "./api.js";
import { asked } from "./asked.js";
import { kind, line } from "./controls.js";
import { h, heading } from "./dom.js";
import { SettingsForm } from "./form.js";
import { beginning, following, namesOf } from "./initial.js";
import { jobForm } from "./new.js";
import { varied } from "./vary.js";

const EXAMPLE = { function: { expression: "sin(x) + 0.1*x**2" }, initial: { random: { x: [-4, 6] }, count: 8 } };
const OWN = "expression";

/** @param {HTMLElement} root @param {AbortSignal} signal @param {string} [jobId] whose settings to begin with */
export async function functionView(root, signal, jobId) {
  root.append(heading("Function", "Minimise a function"));
  const [catalogue, job] = await Promise.all([get("/v1/catalogue", signal), jobId ? get(`/v1/jobs/${jobId}`, signal) : null]);
  const settings = job ? await asked(job.settings, signal) : structuredClone(EXAMPLE);
  const known = new Map((catalogue.functions ?? []).map((/** @type {any} */ one) => [one.name, one]));
  const form = new SettingsForm(controls(catalogue, [...known.keys()]), settings, signal);
  root.append(jobForm(form, signal, []), varied(form, signal, false));
  form.hooks.turned = (key) => begin(form, catalogue.constants, key);
  form.begin();
}

/** The start has the variables of the expression; a known function begins in its box. @param {SettingsForm} form @param {string[]} constants @param {string | null} key */
function begin(form, constants, key) {
  const control = /** @type {ReturnType<typeof beginning>} */ (form.control("initial"));
  const { function: what, initial } = form.settings;
  const own = typeof what?.expression === "string";
  const names = own ? namesOf(what.expression, constants) : [];
  const start = key === null ? initial : own ? following(initial, names) : undefined;
  if (control.offer(names, start) && key !== null) form.set("initial", control.read());
}

/** @param {any} catalogue @param {string[]} names */
function controls(catalogue, names) {
  return [
    minimised(names),
    beginning("Start", { hint: 'Such as {"x": 5}, or drawn: {"random": {"x": [-5, 5]}, "count": 8}. A known function has a box of its own.', of: () => "" }),
    kind("Optimizer", "optimizer", catalogue.optimizers),
    kind("Learning rate", "learning_rate", catalogue.schedules, { by: "schedule", number: true }),
    line("Iterations, at most", "max_iterations", { hint: "One is a step." }),
    line("Name of the job", "name", { plain: true, hint: "For lists." }),
  ];
}

/** A known function by its name, or an expression. @param {string[]} names @returns {import("./controls.js").Control} */
function minimised(names) {
  const select = h("select", {}, ...[OWN, ...names].map((name) => h("option", { value: name }, name)));
  const text = line("Function", "function", { plain: true, hint: "Variables, numbers, + - * / **, sin, exp, log, sqrt and the like." });
  const input = /** @type {HTMLInputElement} */ (text.element.querySelector("input"));
  const chosen = h("label", { class: "field" }, "Known functions", select);
  /** @type {any} what an object says beside its expression or name */
  let more = {};
  const read = () => {
    if (select.value !== OWN) return Object.keys(more).length ? { name: select.value, ...more } : select.value;
    return { expression: input.value, ...more };
  };
  /** @param {any} value */
  const show = (value) => {
    const { expression, name, ...rest } = typeof value === "string" ? { expression: "", name: value } : (value ?? { expression: "", name: OWN });
    more = rest;
    select.value = names.includes(name) ? name : OWN;
    input.value = expression ?? "";
    turned();
  };
  const turned = () => { input.disabled = select.value !== OWN; };
  select.addEventListener("input", turned);
  return { key: "function", element: h("div", { class: "kind" }, text.element, chosen), read, show, effective: () => {} };
}
