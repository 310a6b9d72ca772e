// The list of jobs: filtered, page by page, kept up to date; some can be ticked to delete or to compare them.

import { Problem, call, get, notice } from "./api.js";
import { foreign, h, heading } from "./dom.js";
import { count, number, running, time, title } from "./format.js";
import { badge } from "./job.js";
import { ENDED, pause } from "./poll.js";

const PAGE = 25;
const [BUSY, QUIET] = [1, 5];
export const MOST_COMPARED = 8;
const STATES = ["", "queued", "running", "succeeded", "failed", "cancelled"];
const HEADS = ["", "Job", "State", "Iterations", "Cost", "Ran for", "Created"];
const NUMBERS = new Set([3, 4, 5]);

/** @param {HTMLElement} root @param {AbortSignal} signal */
export async function jobsView(root, signal) {
  const list = new List(signal);
  root.append(heading("Jobs", "Jobs"), list.element);
  for (;;) {
    const busy = await list.refresh();
    await pause(busy ? BUSY : QUIET, signal);
  }
}

/** One page of jobs. Rows stay in place while their cells change, so that focus and ticks do. */
class List {
  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.signal = signal;
    /** @type {(string | null)[]} */
    this.cursors = [null];
    /** @type {Map<string, any>} */
    this.rows = new Map();
    /** @type {Map<string, string>} */
    this.ticked = new Map();
    this.body = h("tbody");
    this.empty = h("p", { class: "hint", hidden: true }, "No job here.");
    this.state = h("select", { id: "state", on: { change: () => this.turn([null]) } }, ...STATES.map((one) => h("option", { value: one }, one || "any")));
    this.newer = h("button", { type: "button", on: { click: () => this.cursors.length > 1 && this.turn(this.cursors.slice(0, -1)) } }, "Newer");
    this.older = h("button", { type: "button", on: { click: () => this.next && this.turn([...this.cursors, this.next]) } }, "Older");
    this.compare = h("button", { type: "button", on: { click: () => { location.hash = `#/compare/${[...this.ticked.keys()].join(",")}`; } } });
    this.remove = h("button", { type: "button", on: { click: () => this.erase() } });
    this.element = this.layout();
    this.count();
  }

  layout() {
    const head = h("tr", {}, ...HEADS.map((text, k) => h("th", { scope: "col", class: NUMBERS.has(k) ? "number" : null }, text || h("span", { class: "unseen" }, "Tick"))));
    return h("div", {},
      h("div", { class: "actions" }, h("label", { for: "state" }, "State"), this.state, this.compare, this.remove),
      h("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": "Jobs" },
        h("table", { class: "jobs" }, h("thead", {}, head), this.body)),
      this.empty,
      h("div", { class: "actions" }, this.newer, this.older));
  }

  /** Another page, or another filter. @param {(string | null)[]} cursors */
  turn(cursors) {
    this.cursors = cursors;
    this.next = null; // not known until that page is there
    this.refresh().catch((error) => this.signal.aborted || console.error(error));
  }

  /** Fetch the page again; whether any of its jobs is still to end. */
  async refresh() {
    const asked = this.query();
    const { jobs, next } = await get(`/v1/jobs?${asked}`, this.signal);
    if (asked !== this.query()) return true; // another page was turned to meanwhile
    this.next = next;
    this.show(jobs);
    this.newer.disabled = this.cursors.length < 2;
    this.older.disabled = next === null;
    return jobs.some((/** @type {any} */ job) => !ENDED.has(job.state));
  }

  query() {
    const cursor = this.cursors[this.cursors.length - 1];
    return String(new URLSearchParams({ limit: String(PAGE), ...(this.state.value && { state: this.state.value }), ...(cursor && { cursor }) }));
  }

  /** @param {any[]} jobs */
  show(jobs) {
    const known = new Set(jobs.map(({ id }) => id));
    this.rows.forEach((row, id) => known.has(id) || (row.remove(), this.rows.delete(id)));
    jobs.forEach((job, k) => {
      const row = this.rows.get(job.id) ?? this.row(job);
      fill(row, job);
      if (this.ticked.has(job.id)) this.ticked.set(job.id, job.state);
      if (this.body.children[k] !== row) this.body.insertBefore(row, this.body.children[k] ?? null);
    });
    this.empty.hidden = jobs.length > 0;
    this.count();
  }

  /** @param {any} job */
  row(job) {
    const box = h("input", { type: "checkbox", checked: this.ticked.has(job.id), "aria-label": `Tick ${title(job)}` });
    box.addEventListener("change", () => {
      box.checked ? this.ticked.set(job.id, row.dataset.state ?? "") : this.ticked.delete(job.id);
      this.count();
    });
    const link = h("a", { href: `#/jobs/${job.id}` }, foreign(title(job)));
    const row = h("tr", {}, h("td", {}, box), h("th", { scope: "row" }, link), ...HEADS.slice(2).map((_, k) => h("td", { class: NUMBERS.has(k + 2) ? "number" : null })));
    this.rows.set(job.id, row);
    return row;
  }

  count() {
    const [all, ended] = [this.ticked.size, [...this.ticked.values()].filter((state) => ENDED.has(state)).length];
    this.compare.textContent = all > MOST_COMPARED ? `Compare: at most ${MOST_COMPARED}` : `Compare ${all || ""}`.trim();
    this.compare.disabled = all < 2 || all > MOST_COMPARED;
    this.remove.textContent = `Delete ${ended || ""}`.trim();
    this.remove.disabled = ended === 0;
  }

  /** Delete what is ticked and has ended. */
  async erase() {
    const ids = [...this.ticked].filter(([, state]) => ENDED.has(state)).map(([id]) => id);
    if (!confirm(`Delete ${ids.length === 1 ? "this job" : `these ${ids.length} jobs`}, with results and history?`)) return;
    for (const id of ids) {
      const error = await call(`/v1/jobs/${id}`, { method: "DELETE", signal: this.signal }).catch((found) => found);
      if (this.signal.aborted) return;
      if (error instanceof Problem && error.status !== 404) notice(error.message);
      else this.ticked.delete(id);
    }
    this.turn(this.cursors);
  }
}

/** @param {HTMLElement} row @param {any} job */
function fill(row, job) {
  row.dataset.state = job.state;
  const cells = [badge(job.state), count(job.progress.iteration), number(job.cost), running(job), time(job.created_at)];
  cells.forEach((what, k) => row.children[k + 2].replaceChildren(what));
  const why = job.error_code ?? job.stop_reason;
  if (why) row.children[2].append(` ${why.replaceAll("_", " ")}`);
}
