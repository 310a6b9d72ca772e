// The form of a job's settings. One object holds them; fields and JSON text are two views of it.

import { Problem, call } from "./api.js";
import { field } from "./controls.js";
import { h } from "./dom.js";
import { tell } from "./problems.js";
import { warnings } from "./upload.js";

const PAUSE = 250;

/**
 * @typedef {import("./controls.js").Control} Control
 * @typedef {Record<string, any>} Settings
 */

/** What a form does beyond its fields: `turned` after a field (null: the JSON) has changed, `effective` with what the API makes of the settings. */
const NOTHING = { turned: (/** @type {string | null} */ _key) => {}, effective: (/** @type {Settings} */ _settings) => {} };

/** A form that shows settings, lets them be changed, and asks the API about them after each change. */
export class SettingsForm {
  /** @param {Control[]} controls @param {Settings} settings what to begin with @param {AbortSignal} signal */
  constructor(controls, settings, signal) {
    this.controls = controls;
    this.settings = settings;
    this.signal = signal;
    this.hooks = { ...NOTHING };
    this.timer = 0;
    this.checking = new AbortController();
    this.json = h("textarea", { rows: 8, spellcheck: "false", name: "json", on: { input: () => this.typed() } });
    this.jsonField = field("JSON", this.json, "", "Any setting can be added here; the fields above follow.");
    this.verdict = h("div", { class: "verdict", role: "status" });
    this.rest = h("div", { class: "rest", role: "alert" });
    this.element = h("div", { class: "settings" },
      h("fieldset", {}, h("legend", {}, "Settings"), h("div", { class: "grid" }, ...controls.map((one) => one.element))),
      h("details", {}, h("summary", {}, "All settings as JSON"), this.jsonField), this.rest, this.verdict);
    for (const control of controls) {
      const listen = (/** @type {Event} */ event) => this.changed(control, event);
      control.element.addEventListener("input", listen);
      control.element.addEventListener("change", listen);
    }
  }

  begin() {
    this.showAll();
    this.after();
    this.check();
  }

  /** The settings as they are to be sent. */
  text() {
    return JSON.stringify(this.settings);
  }

  /** Say what is wrong at its field; answers the first one. @param {Problem | null} problem */
  tell(problem) {
    return tell(this.element, this.rest, problem);
  }

  /** @param {string} key @returns {Control} */
  control(key) {
    return /** @type {Control} */ (this.controls.find((one) => one.key === key));
  }

  /** @param {string} key @param {any} value undefined leaves it to the API */
  set(key, value) {
    if (value === undefined) delete this.settings[key];
    else this.settings[key] = value;
  }

  /** @param {Control} control @param {Event} event */
  changed(control, event) {
    const value = control.read();
    if (event.type === "change" && JSON.stringify(value) === JSON.stringify(this.settings[control.key])) return;
    this.set(control.key, value);
    this.hooks.turned(control.key);
    this.after();
  }

  showAll() {
    this.controls.forEach((control) => control.show(this.settings[control.key]));
    this.hooks.turned(null);
  }

  after() {
    this.json.value = JSON.stringify(this.settings, null, 2);
    this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  /** The JSON was written in: its text stays as it is, the fields follow. */
  typed() {
    const place = /** @type {HTMLElement} */ (this.jsonField.querySelector(".problem"));
    try {
      const read = JSON.parse(this.json.value);
      if (typeof read !== "object" || read === null || Array.isArray(read)) throw new Error("It must be an object: {…}.");
      this.settings = read;
      place.textContent = "";
      this.showAll();
      this.soon();
    } catch (error) {
      place.textContent = `This is no JSON yet, so the settings are as before. ${/** @type {Error} */ (error).message}`;
    }
  }

  /** Ask the API what it makes of the settings. */
  async check() {
    this.checking.abort();
    this.checking = new AbortController();
    const both = AbortSignal.any([this.signal, this.checking.signal]);
    try {
      const { document } = await call("/v1/jobs/validate", { json: this.settings, signal: both });
      this.tell(null);
      this.controls.forEach((control) => control.effective(document.settings[control.key]));
      this.hooks.effective(document.settings);
      this.verdict.replaceChildren(h("p", { class: "good" }, "These settings will do."), ...warnings(document.warnings));
    } catch (error) {
      if (both.aborted) return;
      this.verdict.replaceChildren();
      if (error instanceof Problem && error.status >= 400 && error.status < 500) this.tell(error);
      else this.verdict.replaceChildren(h("p", { class: "hint" }, `Not checked: ${/** @type {Error} */ (error).message}`));
    }
  }
}
