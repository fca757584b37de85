// Timeline rows: how rows, ruler and playhead are drawn: names, visible spans, keyframes, captions, and how well a query fits.

import { visibleSpans } from "../document/keyframes.js";
import { inkOn, withAlpha } from "../kit/colors.js";
import { iconPath } from "../kit/icons.js";
import { GUTTER, PAD, visibleKeyframes } from "./time_scale.js";

export const RULER = 24, ROW = 36, BAR = 24, LINE = 11;

const spansKept = new WeakMap();

/** [{first, last, occluded}]: where a track is seen, cut where it becomes covered; worked out once a version. */
export function visibilitySpans(keys) {
  if (!spansKept.has(keys)) spansKept.set(keys, worked(keys));
  return spansKept.get(keys);
}

function worked(keys) {
  if (!keys.some((key) => key.occluded)) return visibleSpans(keys).map(([first, last]) => ({ first, last, occluded: false }));
  const spans = [];
  keys.forEach((key, i) => {
    if (key.outside) return;
    const next = keys[i + 1], last = next ? next.frame - 1 : key.frame, tail = spans[spans.length - 1], occluded = !!key.occluded;
    if (tail && tail.last === key.frame - 1 && tail.occluded === occluded) tail.last = last;
    else spans.push({ first: key.frame, last, occluded });
  });
  return spans;
}

/** Paints one row. `row`: {annotation, color, chosen, y, fit, keys, captions, mark}; `scale` a TimeScale; `ink` the page's colours. */
export function drawRow(context, row, scale, ink) {
  const { y } = row, { state } = row.annotation.value, width = scale.width;
  if (row.chosen) { context.fillStyle = ink.chosen; context.fillRect(0, y, width, ROW); }
  context.globalAlpha = state === "rejected" ? 0.35 : 1;
  context.save();
  context.beginPath();
  context.rect(GUTTER, y, width - GUTTER, ROW);
  context.clip();
  paintLife(context, row, scale);
  if (row.fit) paintCurve(context, row, scale, ink);
  for (const key of visibleKeyframes(row.keys, scale.window(), scale.step)) drawKeyframe(context, key, scale.xOf(key.frame), y + BAR, row.color, ink);
  if (!row.fit) paintCaptions(context, row, scale, ink);
  context.restore();
  paintName(context, row, ink);
  context.globalAlpha = 1;
  context.fillStyle = ink.line;
  context.fillRect(0, y + ROW - 1, width, 1);
}

/** Bars where it is seen, hollow ones where it is covered, dots where it is hidden. */
function paintLife(context, { keys, color, y, annotation, fit }, scale) {
  const [first, last] = scale.window(), middle = y + BAR, alpha = context.globalAlpha;
  let seen = null;
  for (const span of visibilitySpans(keys)) {
    if (seen !== null && span.first > seen + 1 && span.first >= first && seen <= last) dots(context, scale.xOf(Math.max(seen, first)), scale.xOf(Math.min(span.first, last)), middle, color);
    seen = span.last;
    if (span.last < first || span.first > last) continue;
    const x = scale.xOf(Math.max(span.first, first)) - 3, end = scale.xOf(Math.min(span.last, last)) + 3;
    context.beginPath();
    context.roundRect(x, middle - 4, Math.max(6, end - x), 8, 4);
    context.fillStyle = color;
    context.globalAlpha = alpha * (span.occluded || fit ? 0.14 : annotation.value.state === "proposed" ? 0.38 : 0.75);
    context.fill();
    context.globalAlpha = alpha;
    if (!span.occluded) continue;
    context.setLineDash([3, 3]);
    context.strokeStyle = color;
    context.lineWidth = 1.5;
    context.stroke();
    context.setLineDash([]);
  }
}

function dots(context, from, to, y, color) {
  context.setLineDash([1.5, 4]);
  context.strokeStyle = withAlpha(color, 0.8);
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(from, y); context.lineTo(to, y);
  context.stroke();
  context.setLineDash([]);
}

/** A diamond: large where a person set it, small where a model did, hollow where the object goes out of sight. */
export function drawKeyframe(context, key, x, y, color, ink) {
  const size = key.by === "person" ? 6 : 4;
  context.beginPath();
  context.moveTo(x, y - size); context.lineTo(x + size, y); context.lineTo(x, y + size); context.lineTo(x - size, y);
  context.closePath();
  context.fillStyle = key.outside ? ink.back : color;
  context.strokeStyle = key.outside ? color : ink.text;
  context.lineWidth = key.outside || key.by === "person" ? 1.5 : 1;
  context.fill();
  context.stroke();
}

/** Captions of spans as chips above the bar; without any, the caption of the whole stays in sight beside its beginning. */
function paintCaptions(context, row, scale, ink) {
  context.font = `11.5px ${ink.font}`;
  context.textBaseline = "middle";
  for (const span of row.captions) paintStretch(context, row, span, scale, ink);
  if (row.mark !== null) paintMark(context, row, scale, ink);
  const text = row.captions.length ? "" : row.annotation.value.caption;
  if (!text) return;
  const x = Math.max(scale.xOf(row.keys[0].frame), GUTTER + PAD / 2);
  context.fillStyle = ink.text;
  context.fillText(ellipsized(context, text, scale.width - x - 8), x, row.y + LINE);
}

function paintStretch(context, { y, color }, span, scale, ink) {
  const from = scale.xOf(span.start) - 3, to = scale.xOf(span.end) + 3;
  if (to < GUTTER || from > scale.width) return;
  context.beginPath();
  context.roundRect(from, y + 3, Math.max(6, to - from), 15, 4);
  context.fillStyle = withAlpha(color, 0.22);
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = color;
  context.stroke();
  const x = Math.max(from + 6, GUTTER + 4), room = to - x - 4;
  context.fillStyle = ink.text;
  if (room > 14) context.fillText(ellipsized(context, span.text, room), x, y + LINE);
}

/** Where a span begins that is not ended yet. */
function paintMark(context, { y, mark }, scale, ink) {
  const x = Math.round(scale.xOf(mark)) + 0.5;
  context.strokeStyle = ink.playhead;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x + 6, y + 3); context.lineTo(x, y + 3); context.lineTo(x, y + 18); context.lineTo(x + 6, y + 18);
  context.stroke();
}

/** How well the sentence fits over time: a line through the row, higher is better, and the part it fits best underlined. */
function paintCurve(context, { fit, y }, scale, ink) {
  const height = (value) => y + ROW - 4 - value * (ROW - 8);
  context.strokeStyle = ink.playhead;
  context.lineWidth = 2;
  context.beginPath();
  fit.curve.forEach(([frame, value], i) => (i ? context.lineTo(scale.xOf(frame), height(value)) : context.moveTo(scale.xOf(frame), height(value))));
  context.stroke();
  context.fillStyle = ink.playhead;
  const [from, to] = fit.frames.map((frame) => scale.xOf(frame));
  context.fillRect(from - 2, y + ROW - 4, to - from + 4, 2);
}

function paintName(context, row, ink) {
  const { annotation, color, y } = row, { label, caption, locked, state } = annotation.value, more = row.captions.length || row.fit;
  context.beginPath();
  context.roundRect(12, y + (more ? 7 : ROW / 2 - 5), 9, 9, 2.5);
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = 2;
  if (state === "proposed") context.stroke(); else context.fill();
  context.textBaseline = "middle";
  context.fillStyle = ink.text;
  context.font = `600 12px ${ink.font}`;
  context.fillText(ellipsized(context, label || "no label", GUTTER - (locked ? 62 : 44)), 30, y + (more ? LINE + 1 : ROW / 2));
  if (locked) glyph(context, "lock", GUTTER - 24, y + (more ? 4 : ROW / 2 - 8), ink.faint);
  if (!more) return;
  context.fillStyle = ink.faint;
  context.font = `11px ${ink.font}`;
  context.fillText(ellipsized(context, row.fit ? row.fit.words : caption, GUTTER - 44), 30, y + BAR + 2);
}

function glyph(context, name, x, y, color) {
  context.save();
  context.translate(x, y);
  context.scale(0.8, 0.8);
  context.strokeStyle = color;
  context.lineWidth = 1.8;
  context.stroke(iconPath(name));
  context.restore();
}

/** The text, shortened to fit. */
export function ellipsized(context, text, room) {
  if (!text || context.measureText(text).width <= room) return text || "";
  let low = 0, high = text.length;
  while (low < high) { const middle = (low + high + 1) >> 1; if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle; else high = middle - 1; }
  return low ? `${text.slice(0, low).trimEnd()}…` : "";
}

export function drawRuler(context, scale, ink) {
  context.clearRect(0, 0, scale.width, RULER);
  context.fillStyle = ink.line;
  context.fillRect(0, RULER - 1, scale.width, 1);
  context.font = "10.5px ui-monospace, monospace";
  context.textBaseline = "middle";
  for (const frame of scale.ticks()) {
    const x = scale.xOf(frame);
    context.fillStyle = ink.line;
    context.fillRect(Math.round(x), RULER - 7, 1, 6);
    context.fillStyle = ink.faint;
    context.fillText(String(frame), x + 4, RULER / 2);
  }
}

/** The line of the frame shown, with its number. */
export function drawPlayhead(context, frame, scale, height, ink) {
  const x = Math.round(scale.xOf(frame)) + 0.5;
  if (x < GUTTER) return;
  const text = String(frame);
  context.font = "700 10.5px ui-monospace, monospace";
  const wide = context.measureText(text).width + 10;
  context.strokeStyle = ink.playhead;
  context.fillStyle = ink.playhead;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, 16); context.lineTo(x, height);
  context.stroke();
  context.beginPath();
  context.roundRect(Math.min(x - wide / 2, scale.width - wide), 3, wide, 15, 4);
  context.fill();
  context.textBaseline = "middle";
  context.fillStyle = inkOn(ink.playhead);
  context.fillText(text, Math.min(x - wide / 2, scale.width - wide) + 5, 11);
}

/** The page's colours as they are now, light or dark. */
export function themeColors(root) {
  const style = getComputedStyle(root), read = (name, other) => style.getPropertyValue(name).trim() || other;
  return { font: style.fontFamily, text: style.color, faint: read("--dx-faint", "#777777"), line: read("--dx-line", "#dddddd"), back: read("--dx-panel", "#ffffff"),
    playhead: solid(root, "--dx-accent"), chosen: read("--dx-chosen", "#eeeeee") };
}

const solids = new Map();

/** A colour of the theme as #rrggbb, whatever it is made of. */
function solid(root, name) {
  const said = getComputedStyle(root).getPropertyValue(name).trim() || "#4a7dff";
  if (solids.has(said)) return solids.get(said);
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = said;
  probe.fillRect(0, 0, 1, 1);
  solids.set(said, `#${[...probe.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => c.toString(16).padStart(2, "0")).join("")}`);
  return solids.get(said);
}
