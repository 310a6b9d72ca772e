// Curves over iterations as SVG, drawn at the size that they have on the screen.

import { h, s } from "./dom.js";
import { number } from "./format.js";
import { axis, iterations } from "./scale.js";

/**
 * A curve; null in `y` is a gap. Curves of one `hue` share a colour, a `dashed` one is told apart without colours too.
 * @typedef {{name: string, x: number[], y: (number | null)[], hue: number, dashed?: boolean}} Curve
 */

const HEIGHT = 320;
const HUES = 8;
const MARGIN = { left: 64, right: 14, top: 14, bottom: 40 };
const DOT = 4.5;
const EDGE = 10; // nearer to it, a centred number would be cut off
const BEYOND = 10;
const [LONG, FIRST_PART, LITTLE] = [100, 50, 0.1];

/** A picture of curves that can be drawn again and again, read with the mouse and with the arrow keys. */
export class Chart {
  /** @param {string} what the y axis shows */
  constructor(what) {
    this.what = what;
    /** @type {Curve[]} */
    this.curves = [];
    /** @type {number | null} */
    this.cursor = null;
    this.svg = s("svg", { class: "chart", role: "img", tabindex: 0, height: HEIGHT });
    this.reading = h("output", { class: "reading" });
    this.legend = h("ul", { class: "legend" });
    const scale = () => h("select", { on: { change: () => this.render() } }, ...["auto", "linear", "log"].map((value) => h("option", { value }, value)));
    this.scales = { x: scale(), y: scale() };
    const axes = h("div", { class: "axes" }, h("label", {}, `Axis of the ${what} `, this.scales.y), h("label", {}, "of iterations ", this.scales.x));
    this.element = h("figure", {}, this.legend, this.svg, h("figcaption", {}, this.reading, axes));
    this.svg.addEventListener("pointermove", (event) => this.point(/** @type {PointerEvent} */ (event)));
    this.svg.addEventListener("pointerleave", () => this.place(null));
    this.svg.addEventListener("keydown", (event) => this.step(/** @type {KeyboardEvent} */ (event)));
    new ResizeObserver(() => this.render()).observe(this.element);
  }

  /** @param {Curve[]} curves */
  draw(curves) {
    this.curves = curves;
    const marks = curves.map((curve) => h("li", {}, swatch(curve), h("bdi", {}, curve.name)));
    this.legend.replaceChildren(...(curves.length > 1 ? marks : []));
    this.render();
  }

  render() {
    const width = this.element.clientWidth;
    if (!width) return;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.setAttribute("aria-label", this.summary());
    const values = within(this.curves);
    const last = Math.max(1, ...this.curves.map(({ x }) => x[x.length - 1] ?? 0));
    this.y = axis(values, HEIGHT - MARGIN.bottom, MARGIN.top, this.scales.y.value);
    const wanted = this.scales.x.value;
    this.x = iterations(last, MARGIN.left, width - MARGIN.right, wanted === "log" || (wanted === "auto" && this.early()));
    this.hand = s("g", { class: "hand" });
    const drawn = s("svg", { x: 0, y: 0, width, height: HEIGHT - MARGIN.bottom + 1 }, ...this.curves.flatMap((curve) => this.lines(curve)));
    this.svg.replaceChildren(...this.frame(width), drawn, this.hand);
    this.place(this.cursor);
  }

  /** Whether curves end far apart, or nearly all that happens does so in a small first part of the iterations, as it does in a long descent. */
  early() {
    const ends = this.curves.filter(({ x }) => x.length).map(({ x }) => Math.max(1, x[x.length - 1]));
    if (this.curves.length > 1 && Math.max(...ends) > LONG * Math.min(...ends)) return true;
    const moved = this.curves.map(({ x, y }) => {
      const places = [0, nearest(x, x[x.length - 1] / FIRST_PART), x.length - 1].map((k) => this.height(y[k]));
      return x[x.length - 1] >= LONG && Math.abs(places[1] - places[2]) < LITTLE * Math.abs(places[0] - places[2]);
    });
    return moved.length > 0 && moved.every(Boolean);
  }

  /** @param {number | null | undefined} y */
  height(y) {
    return typeof y !== "number" || !this.y || (this.y.log && y <= 0) ? NaN : this.y.at(y);
  }

  /** Axes, grid and their words. @param {number} width */
  frame(width) {
    const [x, y] = [/** @type {import("./scale.js").Axis} */ (this.x), /** @type {import("./scale.js").Axis} */ (this.y)];
    const [bottom, right] = [HEIGHT - MARGIN.bottom, width - MARGIN.right];
    const rows = y.ticks.flatMap(({ value, text }) => [
      s("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y.at(value), y2: y.at(value) }),
      s("text", { x: MARGIN.left - 8, y: y.at(value), dy: "0.32em", "text-anchor": "end" }, text),
    ]);
    const columns = x.ticks.map(({ value, text }) =>
      s("text", { x: x.at(value), y: bottom + 18, "text-anchor": x.at(value) > right - EDGE ? "end" : "middle" }, text));
    const named = [
      s("text", { class: "axis", x: (MARGIN.left + right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, `iteration${x.log ? " (log)" : ""}`),
      s("text", { class: "axis", transform: `translate(14 ${bottom / 2}) rotate(-90)`, "text-anchor": "middle" }, this.what + (y.log ? " (log)" : "")),
    ];
    return [...rows, s("line", { class: "base", x1: MARGIN.left, x2: right, y1: bottom, y2: bottom }), ...columns, ...named];
  }

  /** One path for each stretch without gaps. @param {Curve} curve */
  lines(curve) {
    let [path, pen] = ["", "M"];
    curve.x.forEach((x, k) => {
      const place = this.where(x, curve.y[k]);
      if (place) path += `${pen}${place[0].toFixed(1)} ${place[1].toFixed(1)}`;
      pen = place ? "L" : "M";
    });
    const dots = curve.x.length === 1 ? this.dots(0, [curve]) : [];
    return [s("path", { class: `curve hue${curve.hue % HUES}${curve.dashed ? " dashed" : ""}`, d: path || "M0 0" }), ...dots];
  }

  /** @param {number} x @param {number | null | undefined} y @returns {[number, number] | null} */
  where(x, y) {
    const height = this.height(y);
    return this.x && Number.isFinite(height) ? [this.x.at(x), height] : null;
  }

  /** @param {PointerEvent} event */
  point(event) {
    const [at, x] = [event.clientX - this.svg.getBoundingClientRect().left, this.x];
    const all = this.curves.flatMap((curve) => curve.x);
    if (!x || !all.length) return;
    this.place(all.reduce((best, one) => (Math.abs(x.at(one) - at) < Math.abs(x.at(best) - at) ? one : best)));
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const all = this.longest();
    const here = this.cursor === null ? (event.key === "ArrowLeft" ? all.length : -1) : nearest(all, this.cursor);
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: all.length - 1 };
    const next = steps[event.key];
    if (next === undefined || !all.length) return;
    event.preventDefault();
    this.place(all[Math.min(Math.max(next, 0), all.length - 1)]);
  }

  /** Show the values nearest to an iteration, or none. @param {number | null} iteration */
  place(iteration) {
    this.cursor = iteration;
    this.hand?.replaceChildren(...(iteration === null ? [] : this.dots(iteration, this.curves)));
    const said = reaching(this.curves, iteration ?? 0).map((curve) => `${curve.name} ${number(curve.y[nearest(curve.x, iteration ?? 0)])}`);
    this.reading.textContent = iteration === null ? "" : `Iteration ${iteration}: ${said.join(", ")}`;
  }

  /** The iterations of the curve that goes on longest. */
  longest() {
    const last = (/** @type {Curve} */ { x }) => x[x.length - 1] ?? 0;
    return this.curves.reduce((best, curve) => (last(curve) > (best[best.length - 1] ?? -1) ? curve.x : best), /** @type {number[]} */ ([]));
  }

  /** @param {number} iteration @param {Curve[]} curves */
  dots(iteration, curves) {
    return reaching(curves, iteration).flatMap((curve) => {
      const k = nearest(curve.x, iteration);
      const place = this.where(curve.x[k], curve.y[k]);
      return place ? [s("circle", { class: `dot hue${curve.hue % HUES}`, cx: place[0], cy: place[1], r: DOT })] : [];
    });
  }

  /** What the picture shows, in words. */
  summary() {
    const said = this.curves.filter(({ x }) => x.length).map(({ name, x, y }) =>
      `${name} from ${number(y[0])} at iteration ${x[0]} to ${number(y[y.length - 1])} at iteration ${x[x.length - 1]}`);
    return said.length ? `${said.join("; ")}. Arrow keys read values.` : `${this.what}: nothing yet`;
  }
}

/** What the axis must have room for: beside others, a curve that grows beyond all bounds leaves the picture. @param {Curve[]} curves */
function within(curves) {
  const values = curves.flatMap(({ y }) => /** @type {number[]} */ (y.filter(Number.isFinite)));
  const most = curves.length > 1 ? BEYOND * Math.max(...curves.map(({ y }) => Math.abs(y[0] ?? 0))) : Infinity;
  return most > 0 ? values.filter((value) => Math.abs(value) <= most) : values;
}

/** Those that go on until this iteration. @param {Curve[]} curves @param {number} iteration */
function reaching(curves, iteration) {
  return curves.filter(({ x }) => x.length && x[x.length - 1] >= iteration);
}

/** @param {Curve} curve */
function swatch({ hue, dashed }) {
  return s("svg", { class: "swatch", viewBox: "0 0 24 8", "aria-hidden": "true" },
    s("path", { class: `curve hue${hue % HUES}${dashed ? " dashed" : ""}`, d: "M0 4H24" }));
}

/** The place of the entry nearest to a value. @param {number[]} sorted @param {number} value */
function nearest(sorted, value) {
  let [low, high] = [0, sorted.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle;
    else high = middle;
  }
  return value - sorted[low] > sorted[high] - value ? high : Math.max(low, 0);
}
