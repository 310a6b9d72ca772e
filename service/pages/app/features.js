// Which columns are features: a box for each, ticked as the API last said.

import { h } from "./dom.js";

/**
 * @param {() => Record<string, any>} settings those of now
 * @param {(key: "features" | "exclude", value: string[] | undefined) => void} set
 */
export function featureBoxes(settings, set) {
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map();
  /** @type {string[] | null} what the API made of it */
  let effective = null;
  return { box, show };

  /** @param {{name: string}} column @returns {HTMLInputElement} */
  function box(column) {
    const found = h("input", { type: "checkbox", checked: true, "aria-label": `Use ${column.name}` });
    found.addEventListener("change", () => turn(column.name, found.checked));
    boxes.set(column.name, found);
    return found;
  }

  /** @param {string} name @param {boolean} on */
  function turn(name, on) {
    const { features, exclude = [] } = settings();
    if (!on && features) set("features", features.filter((/** @type {string} */ one) => one !== name));
    else if (!on) set("exclude", [...exclude, name]);
    else if (exclude.includes(name)) set("exclude", some(exclude.filter((/** @type {string} */ one) => one !== name)));
    else set("features", [...(features ?? effective ?? []), name]);
  }

  /** @param {string[]} [features] those of settings that the API found good */
  function show(features) {
    effective = features ?? effective;
    const { features: given, exclude = [], target } = settings();
    boxes.forEach((found, name) => {
      found.checked = name !== target && !exclude.includes(name) && (features ?? given ?? [name]).includes(name);
      found.disabled = name === target;
    });
  }
}

/** @param {string[]} names */
function some(names) {
  return names.length ? names : undefined;
}
