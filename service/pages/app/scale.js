// From numbers to places on an axis, and the round numbers to write beside it.

import { count } from "./format.js";

/** @typedef {{at: (value: number) => number, ticks: {value: number, text: string}[], log: boolean}} Axis */

const DECADES = 2;
const [APART_DOWN, APART_ACROSS] = [45, 70];

/**
 * An axis over these values; by itself logarithmic iff none is negative and they span more than two decades.
 * @param {number[]} values finite
 * @param {number} from where the axis begins, in pixels
 * @param {number} to
 * @param {"auto" | "linear" | "log"} [wanted] "log" holds where there are positive values, which alone have a place on it
 * @returns {Axis}
 */
export function axis(values, from, to, wanted = "auto") {
  const [least, most] = extremes(values);
  const [first] = extremes(values.filter((value) => value > 0));
  const wide = least >= 0 && Math.log10(most / first) > DECADES;
  const log = first < most && (wanted === "log" || (wanted === "auto" && wide));
  return log ? decades(first, most, from, to) : even(least, most, from, to, values.length > 0);
}

/**
 * An axis of iterations 0 to `last`, without margins; logarithmic as log(1 + iteration).
 * @param {number} last @param {number} from @param {number} to @param {boolean} log @returns {Axis}
 */
export function iterations(last, from, to, log) {
  const share = (/** @type {number} */ value) => (log ? Math.log1p(value) / Math.log1p(last) : value / last);
  const powers = [0, ...Array.from({ length: 1 + Math.floor(Math.log10(last)) }, (_, k) => 10 ** k)];
  const ticks = log ? powers.map((value) => ({ value, text: power(Math.log10(value)) })) : even(0, last, from, to, true).ticks;
  const whole = ticks.filter(({ value }) => value <= last && Number.isInteger(value));
  return { at: (value) => from + share(value) * (to - from), ticks: log ? whole : whole.map(({ value }) => ({ value, text: count(value) })), log };
}

/** @param {number[]} values @returns {[number, number]} */
export function extremes(values) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** @param {number} least @param {number} most @param {number} from @param {number} to @param {boolean} any @returns {Axis} */
function even(least, most, from, to, any) {
  const [low, high] = any ? widened(least, most) : [0, 1];
  const steps = Math.max(2, Math.round(Math.abs(to - from) / (to < from ? APART_DOWN : APART_ACROSS)));
  const step = round((high - low) / steps);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push({ value: k * step, text: text(k * step, step) });
  return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks, log: false };
}

/** @param {number} least @param {number} most @param {number} from @param {number} to @returns {Axis} */
function decades(least, most, from, to) {
  const [low, high] = [Math.log10(least), Math.log10(most)];
  const [first, last] = [Math.floor(low + 1e-9), Math.ceil(high - 1e-9)];
  const every = Math.max(1, Math.ceil((last - first) / Math.max(2, Math.abs(to - from) / 45)));
  const ticks = [];
  for (let k = first; k <= last; k += every) ticks.push({ value: 10 ** k, text: power(k) });
  const margin = (high - low) * 0.03;
  const [bottom, top] = [low - margin, high + margin];
  const at = (/** @type {number} */ value) => from + ((Math.log10(value) - bottom) / (top - bottom)) * (to - from);
  return { at, ticks: ticks.filter(({ value }) => Math.log10(value) >= bottom && Math.log10(value) <= top), log: true };
}

/** @param {number} least @param {number} most */
function widened(least, most) {
  const room = most > least ? (most - least) * 0.04 : Math.abs(most) * 0.1 || 1;
  return [least - (least === 0 && most > 0 ? 0 : room), most + room];
}

/** 1, 2 or 5 times a power of ten. @param {number} step */
function round(step) {
  const base = 10 ** Math.floor(Math.log10(step));
  return base * ([1, 2, 5].find((times) => times * base >= step * 0.999) ?? 10);
}

/** As many digits as neighbours need to differ. @param {number} value @param {number} step */
function text(value, step) {
  if (Math.abs(value) < step / 2) return "0";
  const size = Math.abs(value);
  const digits = Math.max(0, Math.floor(Math.log10(size)) - Math.floor(Math.log10(step) + 1e-9));
  if (size >= 1e6 || size < 1e-4) return value.toExponential(Math.min(digits, 12)).replace("e+", "e");
  return value.toFixed(Math.min(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), 12));
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {number} k */
function power(k) {
  if (k === -Infinity) return "0";
  if (k >= 0 && k <= 3) return String(10 ** k);
  return `10${k < 0 ? "⁻" : ""}${[...String(Math.abs(k))].map((digit) => RAISED[Number(digit)]).join("")}`;
}
