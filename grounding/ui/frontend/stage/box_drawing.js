// Box drawing: boxes, label tags, handles and regions on two canvases above the image; the lower holds what rests, the upper what moves.

import { inkOn, withAlpha } from "../kit/colors.js";
import { area, handlePoint, HANDLES, height, intersects, width } from "../kit/geometry.js";

let FONT = "700 11.5px ui-sans-serif, system-ui, sans-serif";
const OTHER = "#ffb3e6", CHIP = 18, MOST_CHIPS = 160, DASH_LIMIT = 400;

/** Labels are written in the font of the page. */
export function setFont(family) {
  FONT = `700 11.5px ${family}`;
  widths.clear();
}

/** Fits a canvas to the stage at the screen's own resolution; answers its context, in CSS pixels. */
export function fitCanvas(canvas, stage, ratio = window.devicePixelRatio || 1) {
  const w = Math.round(stage.width * ratio), h = Math.round(stage.height * ratio);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, stage.width, stage.height);
  return context;
}

/** One rectangle at a time: for a software canvas this is three times faster than one path of all of them. */
function outline(context, boxes, view) {
  for (const box of boxes) {
    const [x0, y0, x1, y1] = view.boxToStage(box), x = Math.round(x0) + 0.5, y = Math.round(y0) + 0.5;
    context.strokeRect(x, y, Math.round(x1) + 0.5 - x, Math.round(y1) + 0.5 - y);
  }
}

/** Outlines of one style: a dark line below, so that any color shows on any picture. */
function strokeGroup(context, objects, view, { color, dashed, occluded = false, thick = 2, alpha = 1 }) {
  const boxes = objects.map((object) => object.box);
  context.globalAlpha = alpha;
  context.setLineDash([]);
  context.strokeStyle = dashed || occluded ? "rgba(8,10,14,.32)" : "rgba(8,10,14,.5)";
  context.lineWidth = thick + (dashed || occluded ? 1 : 2);
  outline(context, boxes, view);
  if (occluded) context.setLineDash([2, 5]); else if (dashed) context.setLineDash([6, 4]);
  context.strokeStyle = color;
  context.lineWidth = thick;
  outline(context, boxes, view);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function groups(objects, many) {
  const found = new Map();
  for (const object of objects) {
    const dashed = object.proposed && !many, occluded = !!object.occluded;
    const key = `${object.color} ${dashed} ${occluded} ${object.dim}`;
    if (!found.has(key)) found.set(key, { style: { color: object.color, dashed, occluded, alpha: object.dim ? 0.38 : 1 }, objects: [] });
    found.get(key).objects.push(object);
  }
  return found.values();
}

/** The resting layer: objects are {object, box, color, text, proposed, dim}; those out of sight are left out. */
export function drawBoxes(context, objects, view) {
  const seen = view.window();
  const visible = objects.filter((object) => intersects(object.box, seen));
  const many = visible.length > DASH_LIMIT;
  for (const group of groups(visible, many)) strokeGroup(context, group.objects, view, { ...group.style, thick: many ? 1.25 : 2 });
  drawChips(context, visible.filter((object) => !object.dim), view);
  return visible.length;
}

function drawChips(context, objects, view) {
  const taken = new Set();
  const big = objects.filter((t) => width(t.box) * view.scale >= 22 && height(t.box) * view.scale >= 12);
  big.sort((a, b) => area(b.box) - area(a.box));
  let drawn = 0;
  for (const object of big) {
    if (drawn >= MOST_CHIPS) return;
    const place = chipPlace(context, object, view);
    if (!place || crowded(place, taken)) continue;
    chip(context, place, object);
    drawn += 1;
  }
}

/** Where the label goes: above the box, or inside it at the top edge of the stage. */
function chipPlace(context, object, view) {
  if (!object.text) return null;
  context.font = FONT;
  const [x0, y0, x1] = view.boxToStage(object.box);
  const most = Math.max(46, Math.min(240, x1 - x0 + 40));
  const { text, wide } = fitted(context, object.text, most - 12);
  const left = Math.min(Math.max(x0 - 1, 0), Math.max(0, view.stage.width - wide - 12));
  const top = y0 - CHIP - 1 < 0 ? Math.max(0, y0 + 1) : y0 - CHIP - 1;
  return { x: Math.round(left), y: Math.round(top), width: wide + 12, text };
}

const widths = new Map();

function textWidth(context, text) {
  if (widths.size > 4000) widths.clear();
  if (!widths.has(text)) widths.set(text, context.measureText(text).width);
  return widths.get(text);
}

function fitted(context, text, most) {
  const full = textWidth(context, text);
  if (full <= most) return { text, wide: full };
  const keep = Math.max(1, Math.floor((text.length * (most - 8)) / full));
  const short = text.slice(0, keep).trimEnd() + "…";
  return { text: short, wide: textWidth(context, short) };
}

/** Whether another label is already there, on a coarse grid; marks the place as taken if not. */
function crowded(place, taken) {
  const cells = [];
  for (let x = Math.floor(place.x / 24); x <= Math.floor((place.x + place.width) / 24); x++) {
    for (let y = Math.floor(place.y / 12); y <= Math.floor((place.y + CHIP - 2) / 12); y++) cells.push(`${x} ${y}`);
  }
  if (cells.some((cell) => taken.has(cell))) return true;
  cells.forEach((cell) => taken.add(cell));
  return false;
}

function chip(context, place, object) {
  context.font = FONT;
  context.fillStyle = object.color;
  context.beginPath();
  context.roundRect(place.x, place.y, place.width, CHIP, 4);
  context.fill();
  context.fillStyle = inkOn(object.color);
  context.textBaseline = "middle";
  context.fillText(place.text, place.x + 6, place.y + CHIP / 2 + 0.5);
}

/** One object drawn strongly: chosen (with handles), pointed at, or named by the active phrase. */
export function drawEmphasized(context, object, view, { fill = 0.12, handles = false, glow = false, thick = 2.5 } = {}) {
  const b = view.boxToStage(object.box);
  context.fillStyle = withAlpha(object.color, fill);
  context.fillRect(b[0], b[1], b[2] - b[0], b[3] - b[1]);
  if (glow) { context.shadowColor = object.color; context.shadowBlur = 16; }
  strokeGroup(context, [object], view, { color: object.color, dashed: object.proposed || object.ghost, occluded: object.occluded, thick });
  context.shadowBlur = 0;
  const place = chipPlace(context, object, view);
  if (place) chip(context, place, object);
  if (handles) drawHandles(context, object, view);
}

function drawHandles(context, object, view) {
  const small = Math.min(width(object.box), height(object.box)) * view.scale < 26;
  for (const name of HANDLES) {
    if (small && name.length === 1) continue;
    const at = view.toStage(handlePoint(object.box, name));
    context.beginPath();
    context.roundRect(at.x - 4.5, at.y - 4.5, 9, 9, 2.5);
    context.fillStyle = "#ffffff";
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = "#12151b";
    context.stroke();
    context.lineWidth = 1;
    context.strokeStyle = object.color;
    context.strokeRect(at.x - 2.5, at.y - 2.5, 5, 5);
  }
}

/** Another object that a phrase fits too: long dashes, black and rose, whatever the color of its label. */
export function drawAmbiguous(context, object, view) {
  context.setLineDash([]);
  context.strokeStyle = "rgba(8,10,14,.8)";
  context.lineWidth = 5;
  outline(context, [object.box], view);
  context.setLineDash([11, 7]);
  context.strokeStyle = OTHER;
  context.lineWidth = 2.5;
  outline(context, [object.box], view);
  context.setLineDash([]);
  const place = chipPlace(context, object, view);
  if (place) chip(context, place, { ...object, color: OTHER });
}

/** An answer to a question: a breathing frame; `phase` in [0, 1]. */
export function drawRegion(context, object, view, phase, chosen) {
  const b = view.boxToStage(object.box), swell = chosen ? 2 + 3 * phase : 1;
  context.save();
  context.shadowColor = object.color;
  context.shadowBlur = chosen ? 14 + 14 * phase : 5;
  context.strokeStyle = object.color;
  context.lineWidth = chosen ? 3 : 1.75;
  context.beginPath();
  context.roundRect(b[0] - swell, b[1] - swell, b[2] - b[0] + 2 * swell, b[3] - b[1] + 2 * swell, 7);
  context.stroke();
  context.restore();
  const place = chipPlace(context, object, view);
  if (place) chip(context, place, object);
}

/** The rubber box of drawing, with its size in picture pixels. */
export function drawDraftBox(context, draft, view) {
  drawEmphasized(context, draft, view, { fill: 0.1 });
  const b = view.boxToStage(draft.box);
  const text = `${Math.round(width(draft.box))} × ${Math.round(height(draft.box))}`;
  context.font = FONT;
  const wide = textWidth(context, text) + 12;
  const place = { x: Math.round(b[2] - wide), y: Math.min(Math.round(b[3]) + 4, view.stage.height - CHIP), width: wide, text };
  chip(context, place, { color: "#12151b" });
}

/** Hair lines through the pointer, while drawing. */
export function drawCrosshair(context, point, view) {
  context.lineWidth = 1;
  for (const { style, shift } of [{ style: "rgba(0,0,0,.45)", shift: 1 }, { style: "rgba(255,255,255,.8)", shift: 0 }]) {
    context.strokeStyle = style;
    context.beginPath();
    context.moveTo(0, Math.round(point.y) + 0.5 + shift);
    context.lineTo(view.stage.width, Math.round(point.y) + 0.5 + shift);
    context.moveTo(Math.round(point.x) + 0.5 + shift, 0);
    context.lineTo(Math.round(point.x) + 0.5 + shift, view.stage.height);
    context.stroke();
  }
}

/** The rectangle that gathers boxes. */
export function drawMarquee(context, box) {
  context.fillStyle = "rgba(80,140,255,.14)";
  context.strokeStyle = "rgba(120,170,255,.95)";
  context.lineWidth = 1;
  context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  context.strokeRect(box[0] + 0.5, box[1] + 0.5, box[2] - box[0], box[3] - box[1]);
}
