// The settings of a job as somebody would have written them: without what the defaults say anyway.

import { call } from "./api.js";

const BASE = ["dataset", "target", "model", "loss", "batch_size", "function", "initial"];

/**
 * Short settings where the API agrees that they mean the same, else all of them.
 * @param {any} effective @param {AbortSignal} signal
 */
export async function asked(effective, signal) {
  const given = BASE.filter((name) => name in effective && effective[name] !== null && effective[name] !== "auto");
  const fixed = Object.fromEntries(given.map((name) => [name, effective[name]]));
  try {
    const defaults = await checked(fixed, signal);
    const short = { ...fixed, ...differing(effective, defaults, new Set(BASE)) };
    const same = !Object.keys(differing(await checked(short, signal), effective, new Set())).length;
    return same ? bare(short) : effective;
  } catch (error) {
    if (signal.aborted) throw error;
    return effective;
  }
}

/** @param {any} settings @param {AbortSignal} signal */
async function checked(settings, signal) {
  return (await call("/v1/jobs/validate", { json: settings, signal })).document.settings;
}

/** @param {any} one @param {any} other @param {Set<string>} apart */
function differing(one, other, apart) {
  return Object.fromEntries(Object.entries(one).filter(([name, value]) => !apart.has(name) && JSON.stringify(value) !== JSON.stringify(other[name])));
}

/** A kind without members is its name. @param {any} settings */
function bare(settings) {
  const short = (/** @type {any} */ value) => (value?.name && Object.keys(value).length === 1 ? value.name : value);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, short(value)]));
}
