// Which view is shown: the address' fragment says so, so that links, reloads and the back button work.

import { notice } from "./api.js";
import { compareView } from "./compare.js";
import { h, heading } from "./dom.js";
import { functionView } from "./function.js";
import { jobView } from "./job.js";
import { jobsView } from "./jobs.js";
import { newView } from "./new.js";
import { sweepView, sweepsView } from "./sweep.js";

/** @type {[RegExp, (root: HTMLElement, signal: AbortSignal, ...found: string[]) => Promise<void>][]} */
const VIEWS = [
  [/^#\/new(?:\/(ds_\w+))?(?:\/(job_\w+))?$/, newView],
  [/^#\/function(?:\/(job_\w+))?$/, functionView],
  [/^#\/jobs$/, jobsView],
  [/^#\/jobs\/(job_\w+)$/, jobView],
  [/^#\/sweeps$/, sweepsView],
  [/^#\/sweeps\/(sweep_\w+)$/, sweepView],
  [/^#\/compare\/(job_\w+(?:,job_\w+)*)$/, compareView],
];

let current = new AbortController();

async function show() {
  const hash = location.hash || "#/new";
  const [pattern, view] = VIEWS.find(([one]) => one.test(hash)) ?? [/(.*)/, nothing];
  current.abort();
  const { signal } = (current = new AbortController());
  const root = h("div", { class: "view" });
  /** @type {HTMLElement} */ (document.getElementById("main")).replaceChildren(root);
  notice("");
  mark(hash);
  try {
    await view(root, signal, ...(pattern.exec(hash) ?? []).slice(1));
  } catch (error) {
    if (!signal.aborted) failed(root, error);
  }
}

/** @param {string} hash */
function mark(hash) {
  for (const link of document.querySelectorAll("nav a")) {
    const here = hash.replace("#/compare", "#/jobs").startsWith(link.getAttribute("href") ?? "");
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
}

/** @param {HTMLElement} root @param {any} error */
function failed(root, error) {
  const gone = error.status === 404;
  root.replaceChildren(
    heading("Problem", gone ? "It is not there" : "That did not work"),
    h("p", { class: "problem", role: "alert" }, error.message),
    ...(gone ? [h("p", {}, "What has ended is kept for some time only, or somebody deleted it.")] : []),
    h("p", {}, h("a", { href: "#/jobs" }, "All jobs"), " · ", h("a", { href: "#/new" }, "New job")),
  );
  if (!("status" in error)) console.error(error);
}

/** @param {HTMLElement} root */
async function nothing(root) {
  root.replaceChildren(heading("Not found", "There is no such view"), h("p", {}, h("a", { href: "#/new" }, "New job")));
}

document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault(); // the fragment is the view's
  document.getElementById("main")?.focus();
});
window.addEventListener("hashchange", async () => {
  const shown = show();
  /** @type {HTMLElement | null} */ (document.querySelector("main h1"))?.focus();
  await shown;
});
show();
