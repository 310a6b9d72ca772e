// Following jobs: their records by ETag, histories by what is new or as far as a small picture needs them.

import { call, get, patiently, sleep } from "./api.js";

const PACE = 0.4;
const QUIET = 5;
const HIDDEN_WAIT = 60;
const POINTS = 1000;
const FEW_POINTS = 200;

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
      history = ENDED.has(job.state) ? await thinned(id, signal) : await grown(job.attempt === attempt ? history : {}, id, signal);
      [tag, attempt] = [reply.tag ?? "", job.attempt];
      yield { job, history };
      if (ENDED.has(job.state)) return;
    }
    await sleep(PACE, signal);
  }
}

/** What is there, unless it still has this tag: then the document is null. @param {string} path @param {string} tag @param {AbortSignal} signal */
export function changed(path, tag, signal) {
  return call(path, { signal, ...(tag && { headers: { "If-None-Match": tag } }) });
}

/** A pause before the next look at something that changes, longer while nobody sees it. @param {number} pace seconds @param {AbortSignal} signal */
export function pause(pace, signal) {
  return sleep(document.hidden ? Math.max(pace, QUIET) : pace, signal);
}

/**
 * Bring the histories of several jobs up to date: only those that have gone on are asked for.
 * @param {Map<string, {seen: string, history: History}>} known by the job's id
 * @param {any[]} jobs @param {AbortSignal} signal
 */
export async function renew(known, jobs, signal) {
  const begun = jobs.filter(({ started_at: at }) => at);
  await Promise.all(begun.map(async ({ id, state, attempt, progress }) => {
    const seen = [state, attempt, progress.iteration].join();
    if (known.get(id)?.seen !== seen) known.set(id, { seen, history: await thinned(id, signal, FEW_POINTS) });
  }));
}

/** @param {string} id @param {AbortSignal} signal @param {number} [points] at most @returns {Promise<History>} */
function thinned(id, signal, points = POINTS) {
  return get(`/v1/jobs/${id}/history?points=${points}`, signal);
}

/** A page that nobody looks at waits for the job's end instead of polling, until somebody does. @param {string} id @param {string} tag @param {AbortSignal} signal */
async function asked(id, tag, signal) {
  if (!document.hidden || !tag) return changed(`/v1/jobs/${id}`, tag, signal);
  const seen = new AbortController();
  document.addEventListener("visibilitychange", () => seen.abort(), { signal: seen.signal });
  try {
    return await changed(`/v1/jobs/${id}?wait=${HIDDEN_WAIT}`, tag, AbortSignal.any([signal, seen.signal]));
  } catch (error) {
    if (signal.aborted || !seen.signal.aborted) throw error;
    return { status: 304, document: null, tag };
  } finally {
    seen.abort(); // takes the listener away
  }
}

/** @param {History} history @param {string} id @param {AbortSignal} signal */
async function grown(history, id, signal) {
  const known = history.iterations;
  if (!known?.length || known.length > 4 * POINTS) return thinned(id, signal);
  const path = `/v1/jobs/${id}/history?points=${POINTS}&since_iteration=${known[known.length - 1]}`;
  const more = await get(path, signal);
  return more.start === history.start ? joined(history, more) : thinned(id, signal); // else the path of another start
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
