// The mistake grid: the worst mistakes of a grounder: its answer, the truth, and what was asked; a click opens the photo.

import { createElement } from "../kit/elements.js";
import { spacedPercent } from "../kit/format.js";
import { createSvg } from "../kit/icons.js";

/** A box in fractions of the picture, drawn in a picture 100 wide. */
const rect = (kind, box, height) => createSvg("rect", {
  class: kind, x: box[0] * 100, y: box[1] * height, width: (box[2] - box[0]) * 100, height: (box[3] - box[1]) * height,
});

export function mistakeGrid(root, emit) {
  const summary = createElement("p", { class: "pg-note", hidden: true }), wall = createElement("div", { class: "pg-mistakes" });
  root.append(summary, wall);
  const draw = (row) => {
    const height = (100 * row.height) / row.width;
    const image = createElement("img", { src: row.item ? `/media/${encodeURIComponent(row.item)}/thumb` : row.picture, alt: "", loading: "lazy" });
    const boxes = createSvg("svg", { viewBox: `0 0 100 ${height}`, "aria-hidden": "true" }, rect("pg-truth", row.truth, height));
    if (row.answer) boxes.append(rect("pg-answer", row.answer, height));
    const said = row.answer ? `sure to ${spacedPercent(row.score)}, overlap ${spacedPercent(row.iou)}` : "answered that there is none";
    const picture = createElement("div", { class: "pg-mistake-picture" }, [image, boxes]);
    const text = [createElement("b", {}, [row.phrase]), createElement("span", {}, [`${row.name}: ${said}`])];
    if (!row.item) return createElement("div", { class: "pg-mistake" }, [picture, ...text]);
    return createElement("button", { type: "button", class: "pg-mistake", title: "Open in the editor", onclick: () => emit("open", { item: row.item }) }, [picture, ...text]);
  };
  return {
    update: (value) => {
      summary.textContent = value.summary || "";
      summary.hidden = !value.summary;
      wall.replaceChildren(...(value.rows || []).map(draw));
    },
  };
}
