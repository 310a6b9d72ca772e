// One job: how it goes, and what it came to.

import { Problem, call, notice } from "./api.js";
import { asked } from "./asked.js";
import { Chart } from "./chart.js";
import { facts, foreign, h, heading, speak } from "./dom.js";
import { choice, count, number, quoted, running, seconds, time, title } from "./format.js";
import { goingOn, predicting } from "./onward.js";
import { pictures } from "./pictures.js";
import { ENDED, follow } from "./poll.js";
import { result } from "./result.js";
import { warnings } from "./upload.js";

/** @param {HTMLElement} root @param {AbortSignal} signal @param {string} id */
export async function jobView(root, signal, id) {
  const head = heading("Job", id.slice(0, 12));
  const [state, bar, actions, more] = [h("div"), h("progress", { max: 1, "aria-label": "Progress" }), h("div", { class: "actions" }), h("div")];
  const chart = new Chart("cost");
  root.append(head, state, bar, actions, h("section", {}, h("h2", {}, "Cost"), chart.element), more);
  let spoken = "";
  for await (const { job, history } of follow(id, signal)) {
    document.title = `${title(job)} · ${job.state} · Thalweg`;
    head.replaceChildren(foreign(title(job)));
    state.replaceChildren(...status(job));
    bar.hidden = ENDED.has(job.state);
    if (job.state === "running") bar.value = job.progress.fraction ?? 0;
    else bar.removeAttribute("value");
    chart.draw(curves(history));
    renew(actions, job, signal);
    if (spoken !== (spoken = news(job))) speak(spoken);
    if (ENDED.has(job.state)) await finish(more, job, signal);
  }
}

/** The curves of a history; the validation cost has a colour and dashes of its own. @param {any} history @returns {import("./chart.js").Curve[]} */
export function curves(history) {
  const x = history.iterations ?? [];
  const all = [{ name: "training cost", x, y: history.cost ?? [], hue: 0 }];
  return history.validation_cost ? [...all, { name: "validation cost", x, y: history.validation_cost, hue: 1, dashed: true }] : all;
}

/** @param {any} job @returns {Node[]} */
function status(job) {
  const { progress } = job;
  const left = typeof progress.eta_seconds === "number" ? ` · about ${seconds(progress.eta_seconds)} left` : "";
  const place = job.state === "queued" ? ` · ${job.queue_position} before it` : "";
  const line = h("p", {}, badge(job.state), job.stop_reason && ` ${reason(job.stop_reason)}`, place, left);
  /** @type {[string, any][]} */
  const pairs = [[job.settings.initial?.count > 1 ? "Iteration, of all starts" : "Iteration", `${count(progress.iteration)} of at most ${count(progress.max_iterations)}`], ["Cost", number(progress.cost)], [ENDED.has(job.state) ? "Ran for" : "Running for", running(job)]];
  return [line, facts(pairs), ...wrong(job)];
}

/** @param {string} state */
export function badge(state) {
  return h("span", { class: `badge ${state}` }, state);
}

/** @param {string} word */
function reason(word) {
  return `(${word.replaceAll("_", " ")})`;
}

/** @param {any} job */
function wrong(job) {
  const { error } = job;
  return error ? [h("p", { class: "problem", role: "alert" }, error.detail)] : [];
}

/** What is worth saying aloud: a new state, and every quarter. @param {any} job */
function news(job) {
  const quarter = Math.floor(4 * (job.progress.fraction ?? 0)) * 25;
  return job.state === "running" ? `running, ${quarter} percent` : `${job.state} ${job.stop_reason ? reason(job.stop_reason) : ""}, cost ${number(job.progress.cost)}`;
}

/** The buttons that fit the state; one that stays is not made anew, so that it keeps the focus. @param {HTMLElement} place @param {any} job @param {AbortSignal} signal */
function renew(place, job, signal) {
  const ended = ENDED.has(job.state);
  if (place.dataset.ended === String(ended)) return;
  place.dataset.ended = String(ended);
  const cancel = h("button", { type: "button", on: { click: (/** @type {any} */ event) => act(event.target, () => call(`/v1/jobs/${job.id}/cancel`, { method: "POST", signal })) } }, "Cancel");
  const remove = h("button", { type: "button", on: { click: (/** @type {any} */ event) => act(event.target, async () => {
    await call(`/v1/jobs/${job.id}`, { method: "DELETE", signal });
    location.hash = "#/jobs";
  }, "Delete this job, with result and history?") } }, "Delete");
  const again = h("a", { class: "button", href: job.settings.dataset ? `#/new/${job.settings.dataset}/${job.id}` : `#/function/${job.id}` }, "Change settings");
  const rate = job.error?.suggested_learning_rate;
  const slower = rate && h("button", { type: "button", on: { click: (/** @type {any} */ event) => act(event.target, async () => {
    const settings = { ...(await asked(job.settings, signal)), learning_rate: rate };
    location.hash = `#/jobs/${(await call("/v1/jobs?wait=1", { json: settings, signal })).document.id}`;
  }) } }, `Run with learning rate ${number(rate)}`);
  place.replaceChildren(...(ended ? [again, ...(slower ? [slower] : []), ...(job.sweep ? [] : [remove])] : [cancel]));
}

/** Do what a button says, once, where the answer to a question is yes; what is refused is said above. @param {HTMLButtonElement} button @param {() => Promise<any>} what @param {string} [question] */
export async function act(button, what, question) {
  if (question && !confirm(question)) return;
  button.disabled = true;
  try {
    await what();
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") return; // the view was left
    if (!(error instanceof Problem)) throw error;
    button.disabled = false;
    notice(error.message);
  }
}

/** @param {HTMLElement} place @param {any} job @param {AbortSignal} signal */
async function finish(place, job, signal) {
  place.replaceChildren(...warnings(job.warnings), ...result(job), pictures(job, signal), ...(await uses(job, signal)), details(job), links(job, signal));
  const settings = await asked(job.settings, signal);
  const command = `curl --json ${quoted(JSON.stringify(settings))} ${quoted(`${location.origin}/v1/jobs?wait=30`)}`;
  const copy = h("button", { type: "button" }, "Copy");
  const text = h("pre", { tabindex: 0, "aria-label": "curl command" }, command);
  copy.addEventListener("click", () => copied(text, copy));
  place.append(h("section", {}, h("h2", {}, "The same with curl"), text, copy));
}

/** @param {any} job @param {AbortSignal} signal */
async function uses(job, signal) {
  if (!job.result || job.state === "failed") return [];
  return [...(job.settings.dataset ? [await predicting(job, signal)] : []), goingOn(job, signal)];
}

/** The clipboard is for https and localhost only; elsewhere a selection is copied. @param {HTMLElement} text @param {HTMLElement} button */
async function copied(text, button) {
  getSelection()?.selectAllChildren(text);
  const done = navigator.clipboard ? await navigator.clipboard.writeText(text.textContent ?? "").then(() => true, () => false) : document.execCommand("copy");
  button.textContent = done ? "Copied" : "Press Ctrl+C";
}

/** @param {any} job */
function details(job) {
  const { resolved, advice } = job;
  /** @type {[string, any][]} */
  const pairs = [
    ...about(job.settings),
    ["Optimizer", choice(resolved?.optimizer ?? job.settings.optimizer)], ["Learning rate", choice(resolved?.learning_rate ?? job.settings.learning_rate)],
    ["Largest stable learning rate", number(advice?.largest_stable_learning_rate)], ["Condition number", number(advice?.condition_number, 4)],
    ["Sweep", job.sweep ? h("a", { href: `#/sweeps/${job.sweep}` }, "its other jobs") : "–"], ["Goes on from", job.parent ? h("a", { href: `#/jobs/${job.parent}` }, job.parent.slice(0, 12)) : "–"],
    ["Created", time(job.created_at)], ["Kept until", time(job.expires_at)], ["Worker", job.worker ?? "–"],
  ];
  return h("section", {}, h("h2", {}, "How it ran"), facts(pairs.filter(([, what]) => what !== "–")));
}

/** What is fitted to what, or what is minimised. @param {any} settings @returns {[string, any][]} */
function about(settings) {
  if (settings.function) return [["Function", foreign(settings.function.expression ?? choice(settings.function))]];
  return [
    ["Target", foreign(settings.target)], ["Model", choice(settings.model)], ["Loss", choice(settings.loss)], ["Penalty", choice(settings.penalty)],
    ["Batch size", settings.batch_size === null ? "all rows" : number(settings.batch_size)],
  ];
}

/** @param {any} job @param {AbortSignal} signal */
function links(job, signal) {
  const here = `/v1/jobs/${job.id}`;
  const csv = h("button", { type: "button", class: "link", on: { click: (/** @type {any} */ event) => act(event.target, async () => {
    await save(`${here}/history`, `${job.id}.csv`, signal);
    event.target.disabled = false;
  }) } }, "History as CSV");
  const all = [[`${here}?pretty`, "The job as JSON"], [`${here}/history?pretty`, "History as JSON"], ...(job.links.model ? [[`${here}/model?pretty`, "Model as JSON"]] : [])];
  return h("section", {}, h("h2", {}, "To take away"),
    h("ul", { class: "inline" }, ...all.map(([href, text]) => h("li", {}, h("a", { href }, text))), h("li", {}, csv)));
}

/** A link cannot say which type it accepts. @param {string} path @param {string} name @param {AbortSignal} signal */
async function save(path, name, signal) {
  const reply = await fetch(path, { headers: { Accept: "text/csv" }, signal }).catch(() => null);
  if (!reply?.ok) throw new Problem(reply?.status ?? 0, { detail: "The history could not be fetched." });
  const link = h("a", { href: URL.createObjectURL(await reply.blob()), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}
