// Following one job: its record by ETag, its history by what is new.

import { call, get, patiently, sleep } from "./api.js";

const PACE = 0.4;
const HIDDEN_WAIT = 60;
const POINTS = 1000;

/** @typedef {Record<string, any>} History columns by name, `iterations` first */

export const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/**
 * The job and its history, as they are and whenever they have changed, until the job has ended.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{job: any, history: History}>}
 */
export async function* follow(id, signal) {
  let [tag, attempt] = ["", -1];
  /** @type {History} */
  let history = {};
  for (;;) {
    const reply = await patiently(() => asked(id, tag, signal), signal);
    if (reply.document) {
      const job = reply.document;
      history = await grown(job.attempt === attempt ? history : {}, id, signal);
      [tag, attempt] = [reply.tag ?? "", job.attempt];
      yield { job, history };
      if (ENDED.has(job.state)) return;
    }
    await sleep(PACE, signal);
  }
}

/** The history with some points of it, at most. @param {string} id @param {AbortSignal} signal @returns {Promise<History>} */
export function thinned(id, signal) {
  return get(`/v1/jobs/${id}/history?points=${POINTS}`, signal);
}

/** A page that nobody looks at waits for the job's end instead of polling, until somebody does. @param {string} id @param {string} tag @param {AbortSignal} signal */
async function asked(id, tag, signal) {
  /** @type {Record<string, string>} */
  const headers = tag ? { "If-None-Match": tag } : {};
  if (!document.hidden || !tag) return call(`/v1/jobs/${id}`, { signal, headers });
  const seen = new AbortController();
  document.addEventListener("visibilitychange", () => seen.abort(), { once: true });
  try {
    return await call(`/v1/jobs/${id}?wait=${HIDDEN_WAIT}`, { signal: AbortSignal.any([signal, seen.signal]), headers });
  } catch (error) {
    if (signal.aborted || !seen.signal.aborted) throw error;
    return { status: 304, document: null, tag };
  }
}

/** @param {History} history @param {string} id @param {AbortSignal} signal */
async function grown(history, id, signal) {
  const known = history.iterations;
  if (!known?.length || known.length > 4 * POINTS) return thinned(id, signal);
  const path = `/v1/jobs/${id}/history?points=${POINTS}&since_iteration=${known[known.length - 1]}`;
  return joined(history, await get(path, signal));
}

/** A column is null for as long as it has no number. @param {History} before @param {History} more */
function joined(before, more) {
  const [had, has] = [before.iterations.length, more.iterations.length];
  /** @type {History} */
  const whole = { ...more };
  for (const name of Object.keys(more)) {
    if (!Array.isArray(more[name]) && !Array.isArray(before[name])) continue;
    whole[name] = [...(before[name] ?? new Array(had).fill(null)), ...(more[name] ?? new Array(has).fill(null))];
  }
  return whole;
}
