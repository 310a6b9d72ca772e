// Sending a form: a job, or a sweep of jobs, is begun once, however often it has to be sent.

import { Problem, call, newKey, patiently } from "./api.js";
import { h, speak } from "./dom.js";

/**
 * A button that sends, and says so. `send` gets a key under which the API accepts it once; what is sent again
 * unchanged keeps its key.
 * @param {string} label
 * @param {() => string} text what is to be sent
 * @param {(text: string, key: string) => Promise<string>} send answers the fragment of what to show then
 * @param {(problem: Problem) => HTMLElement | null | undefined} refuse says what is wrong; answers where
 * @param {AbortSignal} signal
 */
export function starter(label, text, send, refuse, signal) {
  const button = h("button", { type: "submit", class: "main" }, label);
  const state = h("p", { role: "status" });
  let [key, sent] = ["", ""];
  return { element: h("div", { class: "actions" }, button, state), start };

  /** @param {Event} event */
  async function start(event) {
    event.preventDefault();
    event.stopPropagation();
    const now = text();
    if (now !== sent) [key, sent] = [newKey(), now];
    button.disabled = true;
    state.textContent = "Sending …";
    try {
      location.hash = await patiently(() => send(now, key), signal);
    } catch (error) {
      if (!signal.aborted) told(error);
    }
    button.disabled = false;
  }

  /** @param {any} problem */
  function told(problem) {
    if (!(problem instanceof Problem)) throw problem;
    state.textContent = "Not accepted; see above.";
    speak(problem.message);
    /** @type {HTMLElement | null | undefined} */ (refuse(problem)?.querySelector("input, select, textarea"))?.focus();
  }
}

/** Post JSON under a key; the id of what was made. @param {string} path @param {any} json @param {string} key @param {AbortSignal} signal */
export async function made(path, json, key, signal) {
  return (await call(path, { json, signal, headers: { "Idempotency-Key": key } })).document.id;
}
