// The stage: the picture or film under its boxes, drawn again only as much as changed.

import { Beside } from "./beside.js";
import { drawAnswer, drawCross, drawDraft, drawMarquee, drawOther, drawResting, drawStrong, sized, useFont } from "./draw.js";
import { eachFrame, make } from "./dom.js";
import { View } from "./view.js";

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Stage {
  constructor(ed) {
    this.ed = ed;
    this.media = make("div", { class: "dx-media" });
    this.base = make("canvas", { class: "dx-layer", "aria-hidden": "true" });
    this.top = make("canvas", { class: "dx-layer", "aria-hidden": "true" });
    this.beside = new Beside(ed);
    this.cover = make("div", { class: "dx-cover", hidden: true });
    this.root = make("div", {
      class: "dx-stage", tabindex: "0", role: "application", "aria-label": "Picture with its boxes. The list beside it says the same in words.",
    }, [this.media, this.base, this.top, this.beside.root, this.cover]);
    this.view = new View(() => this.changed());
    this.paint = eachFrame(() => this.paintNow());
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
    useFont(getComputedStyle(this.root).fontFamily);
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
    this.ed.viewChanged();
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
    this.ed.painted();
  }

  paintBase() {
    this.restless = false;
    const context = sized(this.base, this.view.stage);
    const chosen = new Set(this.ed.selection);
    drawResting(context, this.ed.things().filter((thing) => !chosen.has(thing.object)), this.view);
  }

  paintTop() {
    const { ed, view } = this, context = sized(this.top, view.stage);
    if (!ed.doc) return;
    this.paintPointed(context);
    for (const other of ed.others()) drawOther(context, other, view);
    const chosen = ed.chosen(), alone = chosen.length === 1 && ed.tool === "select";
    for (const thing of chosen) drawStrong(context, thing, view, { handles: chosen.length === 1 && (alone || !ed.draft) && !ed.fixed(thing.object), glow: ed.glowing(thing.object) });
    this.paintAnswers(context);
    ed.describing.paint(context, view);
    if (ed.draft) drawDraft(context, { box: ed.draft, color: ed.colorOf(ed.label), text: ed.label || "new box" }, view);
    if (ed.marquee) drawMarquee(context, ed.marquee);
    if (ed.tool === "draw" && ed.pointer.at && !ed.draft) drawCross(context, ed.pointer.at, view);
  }

  paintPointed(context) {
    const { ed, view } = this, chosen = new Set(ed.selection);
    for (const thing of ed.things()) {
      if (chosen.has(thing.object)) continue;
      if (ed.glowing(thing.object)) drawStrong(context, { ...thing, dim: false }, view, { fill: 0.16, glow: true, thick: 3 });
      else if (thing.object === ed.pointed) drawStrong(context, thing, view, { fill: 0.1 });
    }
  }

  paintAnswers(context) {
    const { ed, view } = this;
    if (!ed.answers.length) return;
    const resting = still() || performance.now() - ed.answeredAt > 4000;
    const phase = resting ? 0.5 : (1 + Math.sin(performance.now() / 260)) / 2;
    ed.answers.forEach((answer, i) => (i === ed.answer ? null : drawAnswer(context, answer, view, phase, false)));
    const best = ed.answers[ed.answer];
    if (best) drawAnswer(context, best, view, phase, true);
    if (!resting) this.paint();
  }
}
