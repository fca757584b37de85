// The stage view: what is drawn of the open item, at which frame, what is pointed at, and the regions that answer a query.

import { isAmbiguityCount } from "../document/phrase_checks.js";
import { Events } from "../kit/events.js";
import { hiddenTrackGhost, visibleObjects } from "./scene.js";

/**
 * @typedef {import("../editor/context.js").Context} Context
 * @typedef {import("../document/types.js").Box} Box
 * @typedef {import("../document/types.js").DrawnObject} DrawnObject
 * @typedef {import("../document/types.js").Region} Region
 */

export class StageView {
  /**
   * `root` is the element of the whole editor. `stage`, `pointer` and `player` are put in by who builds them.
   * @param {HTMLElement & {__ed?: any}} root
   * @param {Pick<Context, "session" | "services">} context
   */
  constructor(root, { session, services }) {
    this.root = root;
    this.session = session;
    this.services = services;
    this.events = new Events();
    /** @type {import("./stage.js").Stage} */
    this.stage = null;
    /** @type {import("./pointer.js").Pointer} */
    this.pointer = null;
    /** @type {import("../video/video_player.js").VideoPlayer} */
    this.player = null;
    this.frame = 0;
    /** @type {"select" | "draw"} */
    this.tool = "select";
    this.isNudging = false;
    this.isAwaitingDraw = false;
    this.drawnItems = 0;
    /** @type {Map<string, Box>} */
    this.previewBoxes = new Map();
    /** @type {Region[]} */
    this.regions = [];
    this.regionIndex = 0;
    this.regionsShownAt = 0;
    this.sceneKey = "";
    /** @type {DrawnObject[]} */
    this.scene = [];
    this.reset();
  }

  /** Events: "tool", "hover", "redraw", "regions", "viewport". */
  on(event, listener) { this.events.on(event, listener); }

  /** Nothing is pointed at, drawn or previewed: another item is opened. */
  reset() {
    /** @type {string | null} */
    this.hoveredId = null;
    /** @type {Box | null} */
    this.draftBox = null;
    /** @type {Box | null} */
    this.marquee = null;
    /** @type {{typed?: any, pointed?: any}} */
    this.matchesOf = {};
    this.previewBoxes.clear();
  }

  get viewport() { return this.stage.viewport; }

  // What is drawn.

  /** The objects drawn at this frame; worked out anew only where something of it changed. */
  visibleObjects() {
    const { session, frame } = this, { doc, colorOf, hidden, hideAll } = session, only = this.onlySet(), showRejected = session.showsRejected();
    const key = [doc && doc.version, doc && doc.item.id, frame, hideAll, showRejected, session.version, only ? `only ${[...only].join()}` : ""].join(" ");
    if (key !== this.sceneKey) {
      this.sceneKey = key;
      this.scene = visibleObjects(doc, { frame, colorOf, hidden, hideAll, showRejected, only });
    }
    return this.scene;
  }

  /** The selected objects as they look now, with what a running gesture makes of them. */
  selectedObjects() {
    const { doc, selection, hideAll, colorOf } = this.session;
    if (!doc || !selection.length) return [];
    const wanted = new Set(selection), found = this.visibleObjects().filter((object) => wanted.has(object.object));
    if (!found.length && selection.length === 1) {
      const ghost = !hideAll && hiddenTrackGhost(doc, selection[0], colorOf)(this.frame);
      if (ghost) found.push(ghost);
    }
    return found.map((object) => ({ ...object, dim: false, box: this.previewBoxes.get(object.object) || object.box }));
  }

  /** The objects that the phrase pointed at, or the active one, refers to. */
  highlightedIds() {
    const { doc, activeId } = this.session, annotation = doc && (doc.get(this.hoveredId) || doc.get(activeId));
    return new Set(annotation && annotation.kind === "phrase" ? annotation.value.targets : []);
  }

  isHighlighted(object) { return this.highlightedIds().has(object); }

  /** While a phrase is active, only what it refers to stays strong; null: all of it. */
  onlySet() {
    if (this.regions.length) return new Set();
    const highlighted = this.highlightedIds();
    return highlighted.size ? highlighted : null;
  }

  /** Shows what else a checked phrase fits, while it is "typed" or its badge is "pointed" at; null: no longer. */
  showMatches(source, check) {
    this.matchesOf[source] = check && check.fits.length ? check : null;
    this.redrawOverlay();
  }

  /** What the active phrase fits besides its own boxes, or what its words fit instead. */
  ambiguousObjects() {
    const active = this.session.activeAnnotation(), phrase = active && active.kind === "phrase" && !this.regions.length ? active : null;
    const shown = this.matchesOf.typed || this.matchesOf.pointed || (phrase && (!this.hoveredId || this.hoveredId === phrase.object) ? this.services.checks.checksOf(phrase)[0] : null);
    if (!shown) return [];
    const objects = new Set(shown.fits), words = isAmbiguityCount(shown) ? "fits too" : "fits these words";
    return this.visibleObjects().filter((object) => objects.has(object.object)).map((object) => ({ ...object, text: `${words} · ${object.text}` }));
  }

  /** Whether this phrase refers to the object under the pointer. */
  refersToHovered(object) {
    const annotation = this.session.doc && this.session.doc.get(object);
    return !!annotation && annotation.kind === "phrase" && annotation.value.targets.includes(this.hoveredId);
  }

  /** Draws boxes, list and timeline anew. */
  redraw() {
    this.stage.refresh();
    this.events.emit("redraw");
  }

  /** Draws anew only what moves. */
  redrawOverlay() { this.stage.redrawOverlay(); }

  onViewportChange() { this.events.emit("viewport"); }

  /** `data-ready` counts the items that were opened and drawn. */
  onDrawn() {
    if (!this.isAwaitingDraw) return;
    this.isAwaitingDraw = false;
    this.root.dataset.ready = String(++this.drawnItems);
  }

  // What is pointed at and shown.

  hover(object) {
    if (object === this.hoveredId) return;
    const before = this.onlySet();
    this.hoveredId = object;
    this.events.emit("hover");
    if (before || this.onlySet()) this.stage.refresh(); else this.redrawOverlay();
  }

  setTool(tool) {
    this.tool = tool;
    this.stage.root.dataset.tool = tool;
    this.pointer.setSpaceHeld(this.pointer.spaceHeld);
    this.events.emit("tool");
    this.redrawOverlay();
  }

  /** Regions that answer a query take the place of the selection. */
  showRegions(regions) {
    this.regions = regions;
    this.regionIndex = 0;
    this.regionsShownAt = performance.now();
    if (regions.length) {
      this.session.selection = [];
      this.session.activeId = null;
      this.viewport.reveal(regions[0].box);
    }
    this.redraw();
    this.events.emit("regions");
  }

  chooseRegion(i) {
    this.regionIndex = i;
    this.regionsShownAt = performance.now();
    this.viewport.reveal(this.regions[i].box);
    this.redrawOverlay();
  }

  seek(frame) {
    this.session.settle();
    return this.player.seek(frame);
  }

  focus() { this.stage.root.focus({ preventScroll: true }); }

  /** Where a point of the image is on the page, in CSS pixels. */
  toPage(x, y) {
    const frame = this.stage.root.getBoundingClientRect(), at = this.viewport.toStage({ x, y });
    return { x: frame.left + at.x, y: frame.top + at.y };
  }
}
