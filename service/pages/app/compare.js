// Several jobs in one picture and one table.

import { get, sleep } from "./api.js";
import { Chart } from "./chart.js";
import { foreign, h, heading, table } from "./dom.js";
import { choice, count, number, running, title } from "./format.js";
import { badge } from "./job.js";
import { MOST_COMPARED } from "./jobs.js";
import { ENDED, thinned } from "./poll.js";

const PACE = 1;
const METRICS = ["r2", "rmse", "accuracy", "log_loss"];

/** @param {HTMLElement} root @param {AbortSignal} signal @param {string} ids */
export async function compareView(root, signal, ids) {
  const chart = new Chart("cost");
  const [place, lost, which] = [h("div"), h("div"), selector(() => draw())];
  root.append(heading("Compare", "Compare"), lost, which.element, chart.element, place);
  /** @type {{job: any, history: any}[]} */
  let all = [];
  let left = [...new Set(ids.split(","))].slice(0, MOST_COMPARED);
  for (;;) {
    const found = await Promise.allSettled(left.map((id) => one(id, all.find(({ job }) => job.id === id), signal)));
    const broken = found.find((each) => each.status === "rejected" && each.reason.status !== 404);
    if (broken?.status === "rejected") throw broken.reason;
    all = found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (all.length < left.length) lost.replaceChildren(h("p", { class: "problem" }, `${left.length - all.length} of these jobs are gone: expired or deleted.`));
    which.element.hidden = !all.some(({ history }) => history.validation_cost);
    draw();
    place.replaceChildren(rows(all));
    if (all.every(({ job }) => ENDED.has(job.state))) return;
    await sleep(PACE, signal);
  }

  function draw() {
    const column = which.validation() ? "validation_cost" : "cost";
    chart.draw(all.map(({ job, history }, hue) => ({
      name: title(job), x: history.iterations, y: history[column] ?? [], hue, dashed: hue % 2 === 1 })));
  }
}

/** A job that has ended is not asked for again. @param {string} id @param {any} known @param {AbortSignal} signal */
async function one(id, known, signal) {
  if (known && ENDED.has(known.job.state)) return known;
  const job = await get(`/v1/jobs/${id}`, signal);
  return { job, history: await thinned(id, signal) };
}

/** @param {() => void} changed */
function selector(changed) {
  const box = h("input", { type: "checkbox", on: { change: changed } });
  return { element: h("label", { hidden: true }, box, " Validation cost"), validation: () => box.checked };
}

/** Rows of facts, a column for each job. @param {{job: any}[]} all */
function rows(all) {
  /** @type {[string, (job: any) => any][]} */
  const facts = [
    ["State", (job) => badge(job.state)], ["Model", (job) => choice(job.settings.model)],
    ["Optimizer", (job) => choice(job.resolved?.optimizer ?? job.settings.optimizer)],
    ["Learning rate", (job) => choice(job.resolved?.learning_rate ?? job.settings.learning_rate)],
    ["Batch size", (job) => (job.settings.batch_size === null ? "all rows" : number(job.settings.batch_size))],
    ["Iterations", (job) => count(job.progress.iteration)], ["Ran for", running],
    ["Cost", (job) => number(job.result?.cost ?? job.progress.cost)], ["Validation cost", (job) => number(job.result?.validation_cost)],
    ...METRICS.map((name) => /** @type {[string, (job: any) => any]} */ ([name, (job) => number((job.result?.metrics?.validation ?? job.result?.metrics?.train)?.[name])])),
  ];
  const shown = facts.map(([name, of]) => [name, ...all.map(({ job }) => of(job))]).filter(([, ...cells]) => cells.some((cell) => cell !== "–"));
  const heads = all.map(({ job }) => h("a", { href: `#/jobs/${job.id}` }, foreign(title(job))));
  return table("Metrics of held-out rows, where there are any", ["", ...heads], shown, { numeric: false });
}
