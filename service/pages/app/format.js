// Numbers, times and settings as people read them.

/** Six digits, no trailing zeros; a dash for what is not there. @param {any} value @param {number} [digits] */
export function number(value, digits = 6) {
  if (typeof value !== "number") return "–";
  const size = Math.abs(value);
  if (value === 0 || (Number.isInteger(value) && size < 1e9)) return String(value);
  if (size < 1e-4 || size >= 1e9) return value.toExponential(Math.min(digits, 4) - 1).replace(/\.?0+e/, "e").replace("e+", "e");
  const text = value.toPrecision(digits);
  return text.includes("e") ? String(Math.round(value)) : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A whole number with its thousands apart. @param {number} value */
export function count(value) {
  return value < 1e4 ? String(value) : value.toLocaleString("en");
}

/** @param {number | null | undefined} value */
export function seconds(value) {
  if (typeof value !== "number") return "–";
  if (value < 10) return `${number(value, value < 1 ? 2 : 3)} s`;
  if (value < 60) return `${Math.round(value)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
}

/** @param {number} value */
export function bytes(value) {
  const step = value < 1e3 ? 0 : value < 1e6 ? 1 : value < 1e9 ? 2 : 3;
  return `${number(value / 1000 ** step, 3)} ${["bytes", "kB", "MB", "GB"][step]}`;
}

/** In the reader's own time zone. @param {string | null} value RFC 3339 */
export function time(value) {
  return value ? new Date(value).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" }) : "–";
}

/** How long it ran, or has run so far. @param {any} job */
export function running(job) {
  if (!job.started_at) return "–";
  const end = job.finished_at ? Date.parse(job.finished_at) : Date.now();
  return seconds(Math.max(end - Date.parse(job.started_at), 0) / 1000);
}

/** "adam (beta1 0.9)" for {"name": "adam", "beta1": 0.9}; a plain value as it is. @param {any} value */
export function choice(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return number(value);
  if (typeof value !== "object") return String(value);
  const { name, schedule, ...rest } = value;
  const members = Object.entries(rest).map(([key, one]) => `${key} ${typeof one === "number" ? number(one) : JSON.stringify(one)}`);
  const title = name ?? schedule;
  return title === undefined ? members.join(", ") : members.length ? `${title} (${members.join(", ")})` : title;
}

/** What a job is called in lists and headings. @param {any} job */
export function title(job) {
  return job.name || job.id.slice(0, 12);
}

/** For a shell. @param {string} text */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A number where the text is one, JSON where it is that, else the text: the API says what is wrong with it. @param {string} text */
export function loose(text) {
  const trimmed = text.trim();
  if (trimmed !== "" && Number.isFinite(Number(trimmed))) return Number(trimmed);
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}
