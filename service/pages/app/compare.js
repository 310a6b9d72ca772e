// Several jobs in one picture and one table.

import { get } from "./api.js";
import { Chart } from "./chart.js";
import { foreign, h, heading, table } from "./dom.js";
import { choice, count, number, running, title } from "./format.js";
import { badge } from "./job.js";
import { MOST_COMPARED } from "./jobs.js";
import { ENDED, pause, renew } from "./poll.js";

const PACE = 1;
const METRICS = ["r2", "rmse", "accuracy", "log_loss"];

/** @param {HTMLElement} root @param {AbortSignal} signal @param {string} ids */
export async function compareView(root, signal, ids) {
  const chart = new Chart("cost");
  const [place, lost, which] = [h("div"), h("div"), selector(() => draw())];
  root.append(heading("Compare", "Compare"), lost, which.element, chart.element, place);
  /** @type {Map<string, {seen: string, history: any}>} */
  const histories = new Map();
  /** @type {any[]} */
  let all = [];
  const left = [...new Set(ids.split(","))].slice(0, MOST_COMPARED);
  for (;;) {
    const found = await Promise.allSettled(left.map((id) => one(id, all.find((job) => job.id === id), signal)));
    const broken = found.find((each) => each.status === "rejected" && each.reason.status !== 404);
    if (broken?.status === "rejected") throw broken.reason;
    all = found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (all.length < left.length) lost.replaceChildren(h("p", { class: "problem" }, `${left.length - all.length} of these jobs are gone: expired or deleted.`));
    await renew(histories, all, signal);
    which.element.hidden = !all.some(({ id }) => histories.get(id)?.history.validation_cost);
    draw();
    place.replaceChildren(rows(all));
    if (all.every(({ state }) => ENDED.has(state))) return;
    await pause(PACE, signal);
  }

  function draw() {
    const column = which.validation() ? "validation_cost" : "cost";
    chart.draw(all.map((job, hue) => {
      const history = histories.get(job.id)?.history;
      return { name: title(job), x: history?.iterations ?? [], y: history?.[column] ?? [], hue, dashed: hue % 2 === 1 };
    }));
  }
}

/** A job that has ended is not asked for again. @param {string} id @param {any} known @param {AbortSignal} signal */
async function one(id, known, signal) {
  return known && ENDED.has(known.state) ? known : get(`/v1/jobs/${id}`, signal);
}

/** @param {() => void} changed */
function selector(changed) {
  const box = h("input", { type: "checkbox", on: { change: changed } });
  return { element: h("label", { hidden: true }, box, " Validation cost"), validation: () => box.checked };
}

/** Rows of facts, a column for each job. @param {any[]} all */
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
  const shown = facts.map(([name, of]) => [name, ...all.map(of)]).filter(([, ...cells]) => cells.some((cell) => cell !== "–"));
  const heads = all.map((job) => h("a", { href: `#/jobs/${job.id}` }, foreign(title(job))));
  return table("Metrics of held-out rows, where there are any", ["", ...heads], shown, { numeric: false });
}
