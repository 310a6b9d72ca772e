// The public HTTP API, as any client uses it: problems as errors, patience where it asks for it.

const AWAY = "The service does not answer.";
const TEMPORARY = new Set([0, 429, 503]);
const LONGEST = 10;

/** A refusal in the API's own words, or why there was no answer at all (status 0). */
export class Problem extends Error {
  /** @param {number} status @param {any} document problem+json @param {number} [retryAfter] seconds */
  constructor(status, document, retryAfter = 0) {
    super(document.detail || document.title || `The service answered ${status}.`);
    this.status = status;
    /** @type {string} */
    this.code = document.code || "";
    /** @type {{pointer?: string, detail: string, row?: number, column?: string}[]} */
    this.places = document.errors || [];
    this.retryAfter = retryAfter;
  }

  /** Whether it is worth trying again: a 409 that tells when is the first try of a request, still under way. */
  isTemporary() {
    return TEMPORARY.has(this.status) || this.retryAfter > 0;
  }
}

/**
 * One request. Answers the status, the document (null where there is none) and the ETag.
 * @param {string} path
 * @param {{method?: string, json?: any, form?: FormData, headers?: Record<string, string>, signal?: AbortSignal}} [how]
 * @returns {Promise<{status: number, document: any, tag: string | null}>}
 */
export async function call(path, { method, json, form, headers = {}, signal } = {}) {
  const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
  const all = json === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const reply = await reached(path, { method: method ?? (body ? "POST" : "GET"), body, signal, headers: all });
  const document = await read(reply);
  if (reply.status >= 400) throw new Problem(reply.status, document ?? {}, Number(reply.headers.get("Retry-After")) || 0);
  return { status: reply.status, document, tag: reply.headers.get("ETag") };
}

/** The document of a GET, asked for until the service is there. @param {string} path @param {AbortSignal} signal */
export async function get(path, signal) {
  return (await patiently(() => call(path, { signal }), signal)).document;
}

/**
 * Try again for as long as the service is away or busy, telling the reader so.
 * @template Found
 * @param {() => Promise<Found>} act
 * @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export async function patiently(act, signal) {
  for (let tries = 0; ; tries++) {
    try {
      const found = await act();
      if (tries) notice("");
      return found;
    } catch (error) {
      if (!(error instanceof Problem && error.isTemporary()) || signal.aborted) throw error;
      const pause = Math.min(error.retryAfter || 2 ** tries, LONGEST);
      notice(`${error.message} Trying again in ${pause} s.`);
      await sleep(pause, signal);
    }
  }
}

/** @param {number} pause seconds @param {AbortSignal} signal */
export function sleep(pause, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    setTimeout(() => { signal.removeEventListener("abort", stop); resolve(undefined); }, 1000 * pause);
  });
}

/** The line above everything; empty takes it away. @param {string} text */
export function notice(text) {
  const place = /** @type {HTMLElement} */ (document.getElementById("notice"));
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === "";
}

/** A key for a request that may have to be sent twice. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is for https and localhost only
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} path @param {RequestInit} how */
async function reached(path, how) {
  try {
    return await fetch(path, how);
  } catch (error) {
    if (how.signal?.aborted) throw error;
    throw new Problem(0, { detail: AWAY });
  }
}

/** @param {Response} reply */
async function read(reply) {
  if (!(reply.headers.get("Content-Type") ?? "").includes("json")) return null;
  try {
    return await reply.json();
  } catch {
    throw new Problem(0, { detail: "The answer broke off." });
  }
}
