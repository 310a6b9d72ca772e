// A sweep: the curves of its jobs in one picture, and which did best.

import { call, get, patiently } from "./api.js";
import { Chart } from "./chart.js";
import { foreign, h, heading, table } from "./dom.js";
import { choice, number, seconds, time } from "./format.js";
import { act, badge } from "./job.js";
import { ENDED, changed, pause, renew } from "./poll.js";

const PACE = 1;
const RECENT = 50;

/** All sweeps, newest first. @param {HTMLElement} root @param {AbortSignal} signal */
export async function sweepsView(root, signal) {
  root.append(heading("Sweeps", "Sweeps"), h("p", { class: "hint" }, "One begins below the settings of a new job."));
  const { sweeps } = await get(`/v1/sweeps?limit=${RECENT}`, signal);
  const rows = sweeps.map((/** @type {any} */ one) => [h("a", { href: `#/sweeps/${one.id}` }, foreign(named(one))), badge(one.state),
    `${one.progress.finished} of ${one.progress.total}`, time(one.created_at)]);
  root.append(rows.length ? table("Newest first", ["Sweep", "State", "Jobs ended", "Created"], rows, { numeric: false }) : h("p", { class: "hint" }, "No sweep here yet."));
}

/** @param {HTMLElement} root @param {AbortSignal} signal @param {string} id */
export async function sweepView(root, signal, id) {
  const [head, chart] = [heading("Sweep", id.slice(0, 14)), new Chart("cost")];
  const [state, actions, place] = [h("p"), h("div", { class: "actions" }), h("div")];
  root.append(head, state, actions, chart.element, place);
  /** @type {Map<string, any>} */
  const histories = new Map();
  for (let known = ""; ; await pause(PACE, signal)) {
    const { document: sweep, tag } = await patiently(() => changed(`/v1/sweeps/${id}`, known, signal), signal);
    if (!sweep) continue;
    known = tag ?? "";
    head.replaceChildren(foreign(named(sweep)));
    await renew(histories, sweep.jobs, signal);
    state.replaceChildren(badge(sweep.state), ` ${sweep.progress.finished} of ${sweep.progress.total} jobs have ended`);
    buttons(actions, sweep, signal);
    chart.draw(sweep.jobs.map((/** @type {any} */ job, /** @type {number} */ k) => curve(job, histories.get(job.id)?.history, k)));
    place.replaceChildren(ranked(sweep));
    if (ENDED.has(sweep.state)) return;
  }
}

/** @param {any} job @param {any} history @param {number} k */
function curve(job, history, k) {
  return { name: different(job.varied), x: history?.iterations ?? [], y: history?.cost ?? [], hue: k, dashed: k % 2 === 1 };
}

/** @param {Record<string, any>} varied */
function different(varied) {
  return Object.entries(varied).map(([name, value]) => `${name.replaceAll("_", " ")} ${choice(value)}`).join(", ");
}

/** @param {any} sweep */
function named(sweep) {
  return sweep.name || sweep.id.slice(0, 14);
}

/** Those that have ended, best first, then the others. @param {any} sweep */
function ranked({ ranking, jobs, target_cost: target }) {
  const known = new Set(ranking.map((/** @type {any} */ one) => one.job));
  const open = jobs.filter((/** @type {any} */ one) => !known.has(one.id)).map((/** @type {any} */ one) => ({ ...one, job: one.id }));
  const rows = [...ranking, ...open].map((one) => [h("a", { href: `#/jobs/${one.job}` }, foreign(different(one.varied))), badge(one.state),
    number(one.cost), number(one.validation_cost), number(one.iterations_to_target), seconds(one.seconds_to_target)]);
  const caption = target === null ? "Best first" : `Best first; the target is a cost of ${number(target)}`;
  return table(caption, ["Job", "State", "Cost", "Validation cost", "Iterations to target", "Time to target"], rows);
}

/** @param {HTMLElement} place @param {any} sweep @param {AbortSignal} signal */
function buttons(place, sweep, signal) {
  const ended = String(ENDED.has(sweep.state));
  if (place.dataset.ended === ended) return;
  place.dataset.ended = ended;
  const here = `/v1/sweeps/${sweep.id}`;
  const button = (/** @type {string} */ text, /** @type {() => Promise<any>} */ what, question = "") =>
    h("button", { type: "button", on: { click: (/** @type {any} */ event) => act(event.target, what, question) } }, text);
  const cancel = () => call(`${here}/cancel`, { method: "POST", signal });
  const remove = async () => {
    await call(here, { method: "DELETE", signal });
    location.hash = "#/sweeps";
  };
  place.replaceChildren(ended === "true" ? button("Delete with its jobs", remove, "Delete this sweep and its jobs, with results and histories?") : button("Cancel", cancel),
    ...[["?pretty", "JSON"], ["/plot.svg", "SVG"], ["/plot.png", "PNG"]].map(([end, text]) => h("a", { href: here + end }, text)));
}
