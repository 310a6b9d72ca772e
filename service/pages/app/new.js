// A new job: a file, a target, settings, off it goes.

import { Problem, call, get, newKey, patiently } from "./api.js";
import { h, heading, speak } from "./dom.js";
import { settingsForm } from "./form.js";
import { recent, summary, uploader } from "./upload.js";

/**
 * @param {HTMLElement} root @param {AbortSignal} signal
 * @param {string} [datasetId] whose columns to use
 * @param {string} [jobId] whose settings to begin with
 */
export async function newView(root, signal, datasetId, jobId) {
  root.append(heading("New job", "New job"));
  if (!datasetId) {
    root.append(uploader(signal, (id) => { location.hash = `#/new/${id}`; }));
    root.append(await recent(signal));
    return;
  }
  root.append(h("p", {}, h("a", { href: "#/new" }, "Another file")));
  const [dataset, catalogue, job] = await Promise.all([
    get(`/v1/datasets/${datasetId}`, signal),
    get("/v1/catalogue", signal),
    jobId ? get(`/v1/jobs/${jobId}`, signal) : null,
  ]);
  const given = job ? await asked(job.settings, signal) : {};
  show(root, signal, dataset, catalogue, { ...given, dataset: dataset.id });
}

/** @param {HTMLElement} root @param {AbortSignal} signal @param {any} dataset @param {any} catalogue @param {any} settings */
function show(root, signal, dataset, catalogue, settings) {
  const form = settingsForm(dataset, catalogue, settings, signal);
  const columns = summary(dataset, (column) => form.box(column));
  const start = h("button", { type: "submit", class: "main" }, "Start the job");
  const state = h("p", { role: "status" });
  const element = h("form", { novalidate: true }, columns, form.element, h("div", { class: "actions" }, start, state));
  let [key, sent] = ["", ""];

  element.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const text = form.text();
    if (text !== sent) [key, sent] = [newKey(), text];
    start.disabled = true;
    state.textContent = "Sending …";
    const problem = await submitted(JSON.parse(text), key, signal).catch((error) => error);
    start.disabled = false;
    state.textContent = problem ? "Not accepted; see above." : "";
    if (problem && !signal.aborted) refuse(problem);
  });
  root.append(element);
  form.begin();

  /** @param {any} problem */
  function refuse(problem) {
    if (!(problem instanceof Problem)) throw problem;
    const field = form.tell(problem);
    speak(problem.message);
    /** @type {HTMLElement | null | undefined} */ (field?.querySelector("input, select, textarea"))?.focus();
  }
}

/** Small jobs have ended when they are first shown. @param {any} settings @param {string} key @param {AbortSignal} signal */
async function submitted(settings, key, signal) {
  const send = () => call("/v1/jobs?wait=1", { json: settings, signal, headers: { "Idempotency-Key": key } });
  const { document } = await patiently(send, signal);
  location.hash = `#/jobs/${document.id}`;
}

/**
 * The settings of a job without what the defaults say anyway, where the API agrees that they mean the same.
 * @param {any} effective @param {AbortSignal} signal
 */
export async function asked(effective, signal) {
  const fixed = Object.fromEntries(BASE.filter((name) => effective[name] !== null && name in effective).map((name) => [name, effective[name]]));
  try {
    const defaults = await checked(fixed, signal);
    const short = { ...fixed, ...differing(effective, defaults, new Set(BASE)) };
    const same = !Object.keys(differing(await checked(short, signal), effective, new Set())).length;
    return same ? bare(short) : effective;
  } catch (error) {
    if (signal.aborted) throw error;
    return effective;
  }
}

const BASE = ["dataset", "target", "model", "loss", "batch_size"];

/** @param {any} settings @param {AbortSignal} signal */
async function checked(settings, signal) {
  return (await call("/v1/jobs/validate", { json: settings, signal })).document.settings;
}

/** @param {any} one @param {any} other @param {Set<string>} apart */
function differing(one, other, apart) {
  return Object.fromEntries(Object.entries(one).filter(([name, value]) => !apart.has(name) && JSON.stringify(value) !== JSON.stringify(other[name])));
}

/** A kind without members is its name. @param {any} settings */
function bare(settings) {
  const short = (/** @type {any} */ value) => (value?.name && Object.keys(value).length === 1 ? value.name : value);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, short(value)]));
}

