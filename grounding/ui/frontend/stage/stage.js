// The stage: image or video under its boxes, drawn again only as much as changed.

import { createElement } from "../kit/elements.js";
import { oncePerFrame } from "../kit/scheduling.js";
import { drawAmbiguous, drawBoxes, drawCrosshair, drawDraftBox, drawEmphasized, drawMarquee, drawRegion, fitCanvas, setFont } from "./box_drawing.js";
import { HoverCard } from "./hover_card.js";
import { Viewport } from "./viewport.js";

/** @typedef {import("../editor/context.js").Context} Context */

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Stage {
  /** @param {Context} context */
  constructor(context) {
    const { session, view, parts } = context;
    this.session = session;
    this.view = view;
    this.parts = parts;
    this.media = createElement("div", { class: "dx-media" });
    this.boxLayer = createElement("canvas", { class: "dx-layer", "aria-hidden": "true" });
    this.overlayLayer = createElement("canvas", { class: "dx-layer", "aria-hidden": "true" });
    this.hoverCard = new HoverCard(context);
    this.messageBox = createElement("div", { class: "dx-cover", hidden: true });
    this.root = createElement("div", {
      class: "dx-stage", tabindex: "0", role: "application", "aria-label": "Picture with its boxes. The list beside it says the same in words.",
    }, [this.media, this.boxLayer, this.overlayLayer, this.hoverCard.root, this.messageBox]);
    this.viewport = new Viewport(() => this.changed());
    this.paint = oncePerFrame(() => this.paintNow());
    this.isStale = true;
    this.observer = new ResizeObserver(() => this.fitRoot());
    this.observer.observe(this.root);
  }

  fitRoot() {
    const { clientWidth, clientHeight } = this.root;
    if (clientWidth && clientHeight) this.viewport.setStage(clientWidth, clientHeight);
  }

  /** Puts an <img> or <video> on the stage; its natural place is the whole picture. */
  show(element, size) {
    this.media.replaceChildren(element);
    element.style.width = `${size.width}px`;
    element.style.height = `${size.height}px`;
    this.viewport.setPicture(size);
    this.changed();
  }

  /** Once the page's fonts are there: labels are drawn in them. */
  async applyFont() {
    setFont(getComputedStyle(this.root).fontFamily);
    await document.fonts.ready;
    this.refresh();
  }

  clear() {
    this.media.replaceChildren();
    this.refresh();
  }

  /** Covers the stage with a message or a spinner, or uncovers it. */
  showMessage(...children) {
    this.messageBox.replaceChildren(...children);
    this.messageBox.hidden = !children.length;
  }

  /** The view moved: everything is drawn again. */
  changed() {
    const { x, y, scale } = this.viewport;
    this.media.style.transform = `translate(${x}px,${y}px) scale(${scale})`;
    this.media.classList.toggle("dx-crisp", scale >= 4);
    this.hoverCard.show(null);
    this.view.onViewportChange();
    this.refresh();
  }

  refresh() {
    this.isStale = true;
    this.paint();
  }

  /** Only what moves is drawn again. */
  redrawOverlay() { this.paint(); }

  paintNow() {
    if (this.isStale) this.paintBoxes();
    this.paintOverlay();
    this.view.onDrawn();
  }

  paintBoxes() {
    this.isStale = false;
    const context = fitCanvas(this.boxLayer, this.viewport.stage);
    const chosen = new Set(this.session.selection);
    drawBoxes(context, this.view.visibleObjects().filter((object) => !chosen.has(object.object)), this.viewport);
  }

  paintOverlay() {
    const { session, view, parts, viewport } = this, context = fitCanvas(this.overlayLayer, viewport.stage);
    if (!session.doc) return;
    this.paintHighlighted(context);
    for (const other of view.ambiguousObjects()) drawAmbiguous(context, other, viewport);
    const chosen = view.selectedObjects(), alone = chosen.length === 1 && view.tool === "select";
    for (const object of chosen) drawEmphasized(context, object, viewport, { handles: chosen.length === 1 && (alone || !view.draftBox) && !session.isFixed(object.object), glow: view.isHighlighted(object.object) });
    this.paintRegions(context);
    parts.describeBox.paint(context, viewport);
    if (view.draftBox) drawDraftBox(context, { box: view.draftBox, color: session.colorOf(session.label), text: session.label || "new box" }, viewport);
    if (view.marquee) drawMarquee(context, view.marquee);
    if (view.tool === "draw" && view.pointer.at && !view.draftBox) drawCrosshair(context, view.pointer.at, viewport);
  }

  paintHighlighted(context) {
    const { session, view, viewport } = this, chosen = new Set(session.selection);
    for (const object of view.visibleObjects()) {
      if (chosen.has(object.object)) continue;
      if (view.isHighlighted(object.object)) drawEmphasized(context, { ...object, dim: false }, viewport, { fill: 0.16, glow: true, thick: 3 });
      else if (object.object === view.hoveredId) drawEmphasized(context, object, viewport, { fill: 0.1 });
    }
  }

  paintRegions(context) {
    const { view, viewport } = this;
    if (!view.regions.length) return;
    const resting = still() || performance.now() - view.regionsShownAt > 4000;
    const phase = resting ? 0.5 : (1 + Math.sin(performance.now() / 260)) / 2;
    view.regions.forEach((answer, i) => (i === view.regionIndex ? null : drawRegion(context, answer, viewport, phase, false)));
    const best = view.regions[view.regionIndex];
    if (best) drawRegion(context, best, viewport, phase, true);
    if (!resting) this.paint();
  }
}
