// The settings of a job on data: what fits the columns is offered, and columns are ticked.

import { kind, line, pick } from "./controls.js";
import { featureBoxes } from "./features.js";
import { SettingsForm } from "./form.js";
import { beginning, namesOf } from "./initial.js";

/**
 * The form, and the boxes for its columns.
 * @param {any} dataset @param {any} catalogue @param {Record<string, any>} settings @param {AbortSignal} signal
 */
export function dataForm(dataset, catalogue, settings, signal) {
  const form = new SettingsForm(controls(dataset, catalogue), settings, signal);
  const boxes = featureBoxes(() => form.settings, (key, value) => { form.set(key, value); boxes.show(); form.after(); });
  let chosen = settings.model !== undefined;
  settings.target ??= dataset.columns[dataset.columns.length - 1].name;
  if (!chosen) suggest(form, dataset);
  form.hooks = {
    turned: (key) => {
      chosen ||= key === null ? form.settings.model !== settings.model : key === "model";
      if (key === "target" && !chosen) suggest(form, dataset);
      offer(form, catalogue);
      begin(form, [...catalogue.constants, ...dataset.columns.map((/** @type {any} */ one) => one.name)]);
      boxes.show();
    },
    effective: (found) => boxes.show(found.features),
  };
  return { form, box: boxes.box };
}

/** A category is a class: no number can be fitted to it. @param {SettingsForm} form @param {any} dataset */
function suggest(form, dataset) {
  const column = dataset.columns.find((/** @type {any} */ one) => one.name === form.settings.target);
  const levels = column?.categories?.length ?? column?.levels;
  form.set("model", column?.type !== "category" ? undefined : levels === 2 ? "logistic" : "softmax");
  form.control("model").show(form.settings.model);
}

/** The losses that fit the model. @param {SettingsForm} form @param {any} catalogue */
function offer(form, catalogue) {
  const name = form.settings.model?.name ?? form.settings.model ?? catalogue.models[0].name;
  const fitting = catalogue.models.find((/** @type {any} */ one) => one.name === name)?.losses ?? [];
  const loss = /** @type {ReturnType<typeof kind>} */ (form.control("loss"));
  loss.offer(catalogue.losses.filter((/** @type {any} */ one) => fitting.includes(one.name)));
  form.set("loss", loss.read());
}

/** A formula names its parameters, and what is `known`. @param {SettingsForm} form @param {string[]} known */
function begin(form, known) {
  const control = /** @type {ReturnType<typeof beginning>} */ (form.control("initial"));
  const expression = form.settings.model?.expression;
  const names = typeof expression === "string" ? namesOf(expression, known) : [];
  if (control.offer(names, form.settings.initial)) form.set("initial", control.read());
}

/** @param {any} dataset @param {any} catalogue */
function controls(dataset, catalogue) {
  const names = dataset.columns.map((/** @type {any} */ one) => one.name);
  return [
    pick("Target: the column to predict", "target", names),
    kind("Model", "model", catalogue.models),
    kind("Loss", "loss", catalogue.losses),
    kind("Optimizer", "optimizer", catalogue.optimizers),
    kind("Learning rate", "learning_rate", catalogue.schedules, { by: "schedule", number: true }),
    line("Batch size", "batch_size", { hint: "Rows in a step; 1 is stochastic descent.", of: (value) => (value === null ? "all rows" : String(value ?? "")) }),
    line("Iterations, at most", "max_iterations", { hint: "One is a pass over the training rows." }),
    kind("Penalty", "penalty", catalogue.penalties),
    share(),
    beginning("Start of the parameters", { hint: "Zeros, or drawn for a network, unless it says otherwise." }),
    line("Name of the job", "name", { plain: true, hint: "For lists." }),
  ];
}

/** Rows to hold out: a share, or any JSON that the setting takes. */
function share() {
  const control = line("Share of rows held out", "validation", { hint: "For validation, such as 0.2.", of: (value) => (value === null ? "none" : "") });
  const { read, show } = control;
  control.read = () => {
    const value = read();
    return typeof value === "object" || value === undefined ? value : { fraction: value };
  };
  control.show = (value) => show(value && Object.keys(value).join() === "fraction" ? value.fraction : value);
  return control;
}
