// The form of a job's settings. One object holds them; fields and JSON text are two views of it.

import { Problem, call } from "./api.js";
import { field, kind, line, pick } from "./controls.js";
import { h } from "./dom.js";
import { featureBoxes } from "./features.js";
import { tell } from "./problems.js";
import { warnings } from "./upload.js";

const PAUSE = 250;

/**
 * @param {any} dataset @param {any} catalogue
 * @param {Record<string, any>} settings what to begin with
 * @param {AbortSignal} signal
 */
export function settingsForm(dataset, catalogue, settings, signal) {
  const controls = build(dataset, catalogue);
  const json = h("textarea", { rows: 8, spellcheck: "false", name: "json" });
  const jsonField = field("JSON", json, "", "Any setting can be added here; the fields above follow.");
  const verdict = h("div", { class: "verdict", role: "status" });
  const rest = h("div", { class: "rest", role: "alert" });
  const element = h("div", { class: "settings" },
    h("fieldset", {}, h("legend", {}, "Settings"), h("div", { class: "grid" }, ...controls.map((one) => one.element))),
    h("details", {}, h("summary", {}, "All settings as JSON"), jsonField), rest, verdict);
  const boxes = featureBoxes(() => settings, (key, value) => { set(key, value); after(); });
  let [timer, checking] = [0, new AbortController()];
  let modelChosen = settings.model !== undefined;

  for (const control of controls) {
    const listen = (/** @type {Event} */ event) => changed(control, event);
    control.element.addEventListener("input", listen);
    control.element.addEventListener("change", listen);
  }
  json.addEventListener("input", typed);
  return { element, begin, box: boxes.box, text, tell: (/** @type {Problem | null} */ problem) => tell(element, rest, problem) };

  function begin() {
    settings.target ??= dataset.columns[dataset.columns.length - 1].name;
    if (!modelChosen) suggest();
    showAll();
    after();
    check();
  }

  /** The settings as they are to be sent. */
  function text() {
    return JSON.stringify(settings);
  }

  /** @param {import("./controls.js").Control} control @param {Event} event */
  function changed(control, event) {
    const value = control.read();
    if (event.type === "change" && JSON.stringify(value) === JSON.stringify(settings[control.key])) return;
    set(control.key, value);
    if (control.key === "model") modelChosen = true;
    if (control.key === "target" && !modelChosen) suggest();
    fit();
    after();
  }

  /** A category is a class: no number can be fitted to it. */
  function suggest() {
    const column = dataset.columns.find((/** @type {any} */ one) => one.name === settings.target);
    const levels = column?.categories?.length ?? column?.levels;
    set("model", column?.type !== "category" ? undefined : levels === 2 ? "logistic" : "softmax");
    controls.find(({ key }) => key === "model")?.show(settings.model);
  }

  /** Offer the losses that fit the model. */
  function fit() {
    const name = settings.model?.name ?? settings.model ?? catalogue.models[0].name;
    const fitting = catalogue.models.find((/** @type {any} */ one) => one.name === name)?.losses ?? [];
    const loss = /** @type {ReturnType<typeof kind>} */ (controls.find(({ key }) => key === "loss"));
    loss.offer(catalogue.losses.filter((/** @type {any} */ one) => fitting.includes(one.name)));
    set("loss", loss.read());
  }

  /** @param {string} key @param {any} value */
  function set(key, value) {
    if (value === undefined) delete settings[key];
    else settings[key] = value;
  }

  function showAll() {
    controls.forEach((control) => control.show(settings[control.key]));
    fit();
  }

  function after() {
    json.value = JSON.stringify(settings, null, 2);
    follow();
  }

  /** What hangs on the settings, but for their text, which may be being written. */
  function follow() {
    boxes.show();
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  }

  function typed() {
    const place = /** @type {HTMLElement} */ (jsonField.querySelector(".problem"));
    try {
      const read = JSON.parse(json.value);
      if (typeof read !== "object" || read === null || Array.isArray(read)) throw new Error("It must be an object: {…}.");
      settings = read;
      modelChosen = true;
      place.textContent = "";
      showAll();
      follow();
    } catch (error) {
      place.textContent = `This is no JSON yet, so the settings are as before. ${/** @type {Error} */ (error).message}`;
    }
  }

  /** Ask the API what it makes of the settings. */
  async function check() {
    checking.abort();
    checking = new AbortController();
    const both = AbortSignal.any([signal, checking.signal]);
    try {
      const { document } = await call("/v1/jobs/validate", { json: settings, signal: both });
      tell(element, rest, null);
      controls.forEach((control) => control.effective(document.settings[control.key]));
      boxes.show(document.settings.features);
      verdict.replaceChildren(h("p", { class: "good" }, "These settings will do."), ...warnings(document.warnings));
    } catch (error) {
      if (both.aborted) return;
      verdict.replaceChildren();
      if (error instanceof Problem && error.status >= 400 && error.status < 500) tell(element, rest, error);
      else verdict.replaceChildren(h("p", { class: "hint" }, `Not checked: ${/** @type {Error} */ (error).message}`));
    }
  }
}

/** @param {any} dataset @param {any} catalogue */
function build(dataset, catalogue) {
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
    line("Name of the job", "name", { plain: true, hint: "For lists." }),
  ];
}

/** Rows to hold out: a share, or any JSON that the setting takes. */
function share() {
  const control = line("Share of rows held out", "validation", { hint: "For validation, such as 0.2.", of: (value) => value === null ? "none" : "" });
  const { read, show } = control;
  control.read = () => { const value = read(); return typeof value === "object" || value === undefined ? value : { fraction: value }; };
  control.show = (value) => show(value && Object.keys(value).join() === "fraction" ? value.fraction : value);
  return control;
}
