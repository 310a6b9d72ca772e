// What the API finds wrong, at the field that its pointer names.

import { h } from "./dom.js";

/**
 * Say each sentence at the nearest field; what has none is said in `rest`. Answers the first field that is wrong.
 * @param {HTMLElement} form
 * @param {HTMLElement} rest
 * @param {import("./api.js").Problem | null} problem null takes all of it away
 */
export function tell(form, rest, problem) {
  const fields = [.../** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-pointer]"))];
  fields.forEach((field) => say(field, []));
  rest.replaceChildren();
  if (!problem) return null;
  /** @type {Map<HTMLElement, string[]>} */
  const found = new Map();
  const left = [];
  for (const place of problem.places) {
    const field = nearest(fields, place.pointer ?? "");
    if (field) found.set(field, [...(found.get(field) ?? []), place.detail]);
    else left.push(place.pointer ? `${place.pointer}: ${place.detail}` : place.detail);
  }
  found.forEach((sentences, field) => say(field, sentences));
  if (!problem.places.length) left.push(problem.message);
  rest.replaceChildren(...left.map((sentence) => h("p", { class: "problem" }, sentence)));
  return fields.find((field) => found.has(field)) ?? null;
}

/** @param {HTMLElement} field @param {string[]} sentences */
function say(field, sentences) {
  const place = field.querySelector(":scope > .problem");
  const control = field.querySelector("input, select, textarea");
  if (place && place.textContent !== sentences.join(" ")) place.textContent = sentences.join(" ");
  if (sentences.length) control?.setAttribute("aria-invalid", "true");
  else control?.removeAttribute("aria-invalid");
}

/** The field of the longest pointer that this one begins with. @param {HTMLElement[]} fields @param {string} pointer */
function nearest(fields, pointer) {
  const fits = fields.filter(({ dataset }) => dataset.pointer && `${pointer}/`.startsWith(`${dataset.pointer}/`));
  return fits.sort((a, b) => String(b.dataset.pointer).length - String(a.dataset.pointer).length)[0];
}
