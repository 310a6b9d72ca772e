// A new job on data: a file, a target, settings, off it goes.

import { get } from "./api.js";
import { asked } from "./asked.js";
import { dataForm } from "./data.js";
import { h, heading } from "./dom.js";
import { made, starter } from "./start.js";
import { varied } from "./vary.js";
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
  const { form, box } = dataForm(dataset, catalogue, settings, signal);
  const columns = summary(dataset, box);
  root.append(jobForm(form, signal, [columns]), varied(form, signal));
  form.begin();
}

/** A form that starts a job. Small jobs have ended when they are first shown. @param {import("./form.js").SettingsForm} form @param {AbortSignal} signal @param {Node[]} before */
export function jobForm(form, signal, before) {
  const send = async (/** @type {string} */ text, /** @type {string} */ key) => `#/jobs/${await made("/v1/jobs?wait=1", JSON.parse(text), key, signal)}`;
  const { element, start } = starter("Start the job", () => form.text(), send, (problem) => form.tell(problem), signal);
  return h("form", { novalidate: true, on: { submit: start } }, ...before, form.element, element);
}
