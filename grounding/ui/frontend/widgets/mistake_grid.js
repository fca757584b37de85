/* The worst mistakes of a grounder as a wall of pictures: the answer, the truth, and what was asked; a click opens the photo. */
(() => {
  "use strict";
  const { el } = Deixis;
  const SVG = "http://www.w3.org/2000/svg";
  const svg = (tag, attrs, ...children) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  /** A box in fractions of the picture, drawn in a picture 100 wide. */
  const rect = (kind, box, height) => svg("rect", {
    class: kind, x: box[0] * 100, y: box[1] * height, width: (box[2] - box[0]) * 100, height: (box[3] - box[1]) * height,
  });
  const percent = (share) => `${Math.round(share * 100)} %`;

  Deixis.mistakes = (root, emit) => {
    const summary = el("p", { class: "pg-note", hidden: true }), wall = el("div", { class: "pg-mistakes" });
    root.append(summary, wall);
    const draw = (row) => {
      const height = (100 * row.height) / row.width;
      const image = el("img", { src: row.item ? `/media/${encodeURIComponent(row.item)}/thumb` : row.picture, alt: "", loading: "lazy" });
      const boxes = svg("svg", { viewBox: `0 0 100 ${height}`, "aria-hidden": "true" }, rect("pg-truth", row.truth, height));
      if (row.answer) boxes.append(rect("pg-answer", row.answer, height));
      const said = row.answer ? `sure to ${percent(row.score)}, overlap ${percent(row.iou)}` : "answered that there is none";
      const picture = el("div", { class: "pg-mistake-picture" }, image, boxes);
      const text = [el("b", {}, row.phrase), el("span", {}, `${row.name}: ${said}`)];
      if (!row.item) return el("div", { class: "pg-mistake" }, picture, ...text);
      return el("button", { type: "button", class: "pg-mistake", title: "Open in the editor", onclick: () => emit("open", { item: row.item }) }, picture, ...text);
    };
    return {
      update: (value) => {
        summary.textContent = value.summary || "";
        summary.hidden = !value.summary;
        wall.replaceChildren(...(value.rows || []).map(draw));
      },
    };
  };
})();
