// The pictures that the API draws of a job, to look at and to take away.

import { Problem, call } from "./api.js";
import { h } from "./dom.js";

const KINDS = ["cost", "learning_rate", "accuracy", "gradient", "parameters", "fit", "path"];

/** One at a time, drawn when it is asked for; a kind that the job does not have is refused in the API's words. @param {any} job @param {AbortSignal} signal */
export function pictures(job, signal) {
  const select = h("select", { id: "picture" }, h("option", { value: "" }, "choose"),
    ...KINDS.map((kind) => h("option", { value: kind }, kind.replaceAll("_", " "))));
  const place = h("div", { role: "status" });
  select.addEventListener("change", async () => {
    const path = (/** @type {string} */ type) => `/v1/jobs/${job.id}/plot.${type}?kind=${select.value}`;
    const kind = select.value;
    const found = kind ? await shown(path, `${kind} of the job`, signal) : [];
    if (kind === select.value) place.replaceChildren(...found); // else another one was chosen meanwhile
  });
  return h("section", {}, h("h2", {}, "Pictures"), h("p", { class: "actions" }, h("label", { for: "picture" }, "Show"), select), place);
}

/** @param {(type: string) => string} path @param {string} alt @param {AbortSignal} signal */
async function shown(path, alt, signal) {
  try {
    await call(path("svg"), { signal });
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof Problem)) throw error;
    return [h("p", { class: "problem" }, error.message)];
  }
  const links = ["svg", "png"].map((type) => h("li", {}, h("a", { href: path(type), download: "" }, type.toUpperCase())));
  const image = h("img", { class: "picture", src: path("svg"), alt, width: 800, height: 500 });
  return [h("a", { href: path("svg") }, image), h("ul", { class: "inline" }, ...links)];
}
