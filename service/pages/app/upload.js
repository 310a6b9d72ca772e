// A file becomes a dataset: dropped, chosen, or one that is there already.

import { Problem, call, get, newKey, notice, patiently } from "./api.js";
import { foreign, h, speak, table } from "./dom.js";
import { bytes, count, time } from "./format.js";

const RECENT = 10;
const OPTIONS = /** @type {const} */ ([
  ["delimiter", "Delimiter", ["", ",", ";", "\t", "|"]],
  ["decimal", "Decimal sign", ["", ".", ","]],
  ["header", "First line holds names", ["", "true", "false"]],
]);
/** @type {Record<string, string>} */
const WORDS = { "": "found out", "\t": "tab", true: "yes", false: "no" };

/**
 * Where a file is dropped or chosen, with its options. `done` gets the id of the dataset.
 * @param {AbortSignal} signal @param {(id: string) => void} done
 */
export function uploader(signal, done) {
  const input = h("input", { type: "file", class: "unseen", tabindex: -1, "aria-hidden": "true", accept: ".csv,.tsv,.txt,.gz,text/csv" });
  const drop = h("button", { type: "button", class: "drop" }, h("strong", {}, "Choose a CSV file"), h("span", {}, "or drop it here"));
  const state = h("p", { role: "status" });
  const problem = h("div", { role: "alert" });
  const options = optionFields();
  /** @type {File | undefined} */
  let last;

  drop.addEventListener("click", () => input.click());
  input.addEventListener("change", () => { take(input.files?.[0]); input.value = ""; });
  const again = h("button", { type: "button", hidden: true, on: { click: () => take(last) } }, "Read the file again");
  const element = h("section", { class: "upload" }, drop, input, state, problem, options.element, again);
  dropping(element, drop, take);
  return element;

  /** @param {File | undefined} file */
  async function take(file) {
    if (!file || drop.disabled) return;
    last = file;
    problem.replaceChildren();
    state.textContent = `Reading ${file.name} (${bytes(file.size)}) …`;
    drop.disabled = again.disabled = true;
    const [form, headers] = [options.form(file), { "Idempotency-Key": newKey() }];
    try {
      done((await patiently(() => call("/v1/datasets", { form, signal, headers }), signal)).document.id);
    } catch (error) {
      if (!signal.aborted) refused(error);
    }
    drop.disabled = again.disabled = false;
  }

  /** @param {any} error */
  function refused(error) {
    state.textContent = "";
    again.hidden = false;
    const places = error instanceof Problem ? error.places.map(({ detail }) => detail).filter((one) => one !== error.message) : [];
    problem.replaceChildren(h("p", { class: "problem" }, error.message), ...places.slice(0, 10).map((one) => h("p", { class: "problem" }, one)));
    options.element.open = error.status === 422;
  }
}

/** @param {HTMLElement} area @param {HTMLElement} drop @param {(file: File | undefined) => void} take */
function dropping(area, drop, take) {
  area.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  area.addEventListener("dragleave", () => drop.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if ((event.dataTransfer?.files.length ?? 0) > 1) notice("One file at a time: the first one is taken.");
    take(event.dataTransfer?.files[0]);
  });
}

function optionFields() {
  const selects = OPTIONS.map(([name, label, values]) => {
    const options = values.map((value) => h("option", { value }, WORDS[value] ?? value));
    return { label, select: h("select", { name }, ...options) };
  });
  const texts = [
    { label: "Cells that count as missing, as JSON", name: "missing_values", example: '["", "NA", "-999"]' },
    { label: "Types of columns, as JSON", name: "types", example: '{"zip": "category"}' },
  ].map(({ label, name, example }) => ({ label, select: h("input", { type: "text", name, placeholder: example, spellcheck: "false" }) }));
  const all = [...selects, ...texts];
  const element = h("details", {}, h("summary", {}, "How the file is written"),
    h("div", { class: "grid" }, ...all.map(({ label, select }) => h("label", { class: "field" }, label, select))));
  return { element, form };

  /** @param {File} file */
  function form(file) {
    const data = new FormData();
    all.forEach(({ select }) => select.value && data.append(select.name, select.value));
    data.append("file", file);
    return data;
  }
}

/** Datasets that are there, newest first. @param {AbortSignal} signal */
export async function recent(signal) {
  const { datasets } = await get(`/v1/datasets?limit=${RECENT}`, signal);
  if (!datasets.length) return h("p", { class: "hint" }, "No dataset is here yet.");
  const rows = datasets.map((/** @type {any} */ one) => [
    h("a", { href: `#/new/${one.id}` }, foreign(one.name ?? one.id)), count(one.rows), bytes(one.bytes), time(one.created_at)]);
  return table("Datasets that are here", ["Name", "Rows", "Size", "Uploaded"], rows);
}

/** What was read: columns with types, and what the reader found odd. @param {any} dataset @param {(column: any) => Node | null} mark */
export function summary(dataset, mark) {
  const columns = dataset.columns.slice(0, MOST_COLUMNS);
  const rows = columns.map((/** @type {any} */ one) => [foreign(one.name), mark(one), one.type, String(one.missing), content(one)]);
  const more = dataset.columns.length - columns.length;
  speak(`${dataset.name}: ${dataset.rows} rows, ${dataset.columns.length} columns.`);
  return h("section", {},
    h("p", {}, foreign(dataset.name ?? dataset.id), ` · ${count(dataset.rows)} rows · ${count(dataset.columns.length)} columns · ${bytes(dataset.bytes)}`),
    ...warnings(dataset.warnings),
    h("details", { open: dataset.columns.length <= FEW_COLUMNS && innerWidth >= WIDE }, h("summary", {}, "Columns"),
      table("Columns of the file", ["Column", "Use", "Type", "Missing", "Content"], rows, { numeric: false }),
      more > 0 && h("p", { class: "hint" }, `… and ${more} more columns, which "exclude" in the JSON can name.`)));
}

export const MOST_COLUMNS = 200;
const MOST_LEVELS = 8;
const FEW_COLUMNS = 12;
const WIDE = 600;

/** @param {any} column */
function content(column) {
  if (column.type === "number") return `${short(column.min)} to ${short(column.max)}, mean ${short(column.mean)}`;
  const levels = column.categories ?? [];
  if (!levels.length) return `${column.levels ?? 0} levels`;
  const some = levels.slice(0, MOST_LEVELS).flatMap((/** @type {string} */ level, /** @type {number} */ k) => [k ? ", " : "", foreign(level)]);
  return h("span", {}, ...some, levels.length > MOST_LEVELS && ` … (${levels.length} levels)`);
}

/** @param {number | null} value */
function short(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : "–";
}

/** @param {{detail: string}[]} all */
export function warnings(all) {
  if (!all.length) return [];
  return [h("ul", { class: "warnings", "aria-label": "Warnings" }, ...all.map(({ detail }) => h("li", {}, detail)))];
}
