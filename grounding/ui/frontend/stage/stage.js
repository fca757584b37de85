// The stage: the picture or film under its boxes, drawn again only as much as changed.

import { createElement } from "../kit/elements.js";
import { oncePerFrame } from "../kit/scheduling.js";
import { drawAmbiguous, drawBoxes, drawCrosshair, drawDraftBox, drawEmphasized, drawMarquee, drawRegion, fitCanvas, setFont } from "./box_drawing.js";
import { HoverCard } from "./hover_card.js";
import { Viewport } from "./viewport.js";

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Stage {
  constructor(ed) {
    this.ed = ed;
    this.media = createElement("div", { class: "dx-media" });
    this.base = createElement("canvas", { class: "dx-layer", "aria-hidden": "true" });
    this.top = createElement("canvas", { class: "dx-layer", "aria-hidden": "true" });
    this.beside = new HoverCard(ed);
    this.cover = createElement("div", { class: "dx-cover", hidden: true });
    this.root = createElement("div", {
      class: "dx-stage", tabindex: "0", role: "application", "aria-label": "Picture with its boxes. The list beside it says the same in words.",
    }, [this.media, this.base, this.top, this.beside.root, this.cover]);
    this.view = new Viewport(() => this.changed());
    this.paint = oncePerFrame(() => this.paintNow());
    this.restless = true;
    this.observer = new ResizeObserver(() => this.fitRoot());
    this.observer.observe(this.root);
  }

  fitRoot() {
    const { clientWidth, clientHeight } = this.root;
    if (clientWidth && clientHeight) this.view.setStage(clientWidth, clientHeight);
  }

  /** Puts an <img> or <video> on the stage; its natural place is the whole picture. */
  show(element, size) {
    this.media.replaceChildren(element);
    element.style.width = `${size.width}px`;
    element.style.height = `${size.height}px`;
    this.view.setPicture(size);
    this.changed();
  }

  /** Once the page's fonts are there: labels are drawn in them. */
  async dress() {
    setFont(getComputedStyle(this.root).fontFamily);
    await document.fonts.ready;
    this.refresh();
  }

  clear() {
    this.media.replaceChildren();
    this.refresh();
  }

  /** Covers the stage with a message or a spinner, or uncovers it. */
  say(...children) {
    this.cover.replaceChildren(...children);
    this.cover.hidden = !children.length;
  }

  /** The view moved: everything is drawn again. */
  changed() {
    const { x, y, scale } = this.view;
    this.media.style.transform = `translate(${x}px,${y}px) scale(${scale})`;
    this.media.classList.toggle("dx-crisp", scale >= 4);
    this.beside.show(null);
    this.ed.onViewportChange();
    this.refresh();
  }

  refresh() {
    this.restless = true;
    this.paint();
  }

  /** Only what moves is drawn again. */
  touch() { this.paint(); }

  paintNow() {
    if (this.restless) this.paintBase();
    this.paintTop();
    this.ed.onDrawn();
  }

  paintBase() {
    this.restless = false;
    const context = fitCanvas(this.base, this.view.stage);
    const chosen = new Set(this.ed.selection);
    drawBoxes(context, this.ed.visibleObjects().filter((thing) => !chosen.has(thing.object)), this.view);
  }

  paintTop() {
    const { ed, view } = this, context = fitCanvas(this.top, view.stage);
    if (!ed.doc) return;
    this.paintPointed(context);
    for (const other of ed.ambiguousObjects()) drawAmbiguous(context, other, view);
    const chosen = ed.selectedObjects(), alone = chosen.length === 1 && ed.tool === "select";
    for (const thing of chosen) drawEmphasized(context, thing, view, { handles: chosen.length === 1 && (alone || !ed.draftBox) && !ed.isFixed(thing.object), glow: ed.isHighlighted(thing.object) });
    this.paintAnswers(context);
    ed.describeBox.paint(context, view);
    if (ed.draftBox) drawDraftBox(context, { box: ed.draftBox, color: ed.colorOf(ed.label), text: ed.label || "new box" }, view);
    if (ed.marquee) drawMarquee(context, ed.marquee);
    if (ed.tool === "draw" && ed.pointer.at && !ed.draftBox) drawCrosshair(context, ed.pointer.at, view);
  }

  paintPointed(context) {
    const { ed, view } = this, chosen = new Set(ed.selection);
    for (const thing of ed.visibleObjects()) {
      if (chosen.has(thing.object)) continue;
      if (ed.isHighlighted(thing.object)) drawEmphasized(context, { ...thing, dim: false }, view, { fill: 0.16, glow: true, thick: 3 });
      else if (thing.object === ed.hoveredId) drawEmphasized(context, thing, view, { fill: 0.1 });
    }
  }

  paintAnswers(context) {
    const { ed, view } = this;
    if (!ed.regions.length) return;
    const resting = still() || performance.now() - ed.regionsShownAt > 4000;
    const phase = resting ? 0.5 : (1 + Math.sin(performance.now() / 260)) / 2;
    ed.regions.forEach((answer, i) => (i === ed.regionIndex ? null : drawRegion(context, answer, view, phase, false)));
    const best = ed.regions[ed.regionIndex];
    if (best) drawRegion(context, best, view, phase, true);
    if (!resting) this.paint();
  }
}
