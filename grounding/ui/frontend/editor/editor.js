// The editor: one object that holds what is open, chosen and pointed at, and joins the parts of the page.

import { newBox, newTrack, relabelled, UNNAMED_LABEL, withBoxAt } from "../document/edits.js";
import { isAmbiguityCount, PhraseChecks } from "../document/phrase_checks.js";
import { PhraseTemplates } from "../document/phrase_templates.js";
import { pendingReview } from "../document/review_queue.js";
import { Api } from "../kit/api.js";
import { createElement } from "../kit/elements.js";
import { DropUpload } from "../notices/drop_upload.js";
import { JobCards } from "../notices/job_cards.js";
import { Toasts } from "../notices/toasts.js";
import { DescribeBox } from "../panel/describe_box.js";
import { addLabel, LabelPicker } from "../panel/label_picker.js";
import { Panel } from "../panel/panel.js";
import { PhraseComposer } from "../panel/phrase_composer.js";
import { EditSync } from "../saving/edit_sync.js";
import { Pointer } from "../stage/pointer.js";
import { hiddenTrackGhost, labelColors, objectCaption, visibleObjects } from "../stage/scene.js";
import { Stage } from "../stage/stage.js";
import { BoxFollowing } from "../video/box_following.js";
import { CaptionSpans } from "../video/caption_spans.js";
import { Timeline } from "../video/timeline.js";
import { TrackSearch } from "../video/track_search.js";
import { VideoPlayer } from "../video/video_player.js";
import { applyFix, editAnnotation, removeObjects, removePhrase, runAnnotationAction } from "./annotation_actions.js";
import { createCommands } from "./commands.js";
import { ItemList } from "./item_list.js";
import { ItemLoader } from "./item_loader.js";
import { Keyboard } from "./keyboard.js";
import { Navigation } from "./navigation.js";
import { Toolbar } from "./toolbar.js";

export class Editor {
  /** `navigate(detail)` tells the page which {project, item} is open. */
  constructor(root, { base = "", navigate = () => null } = {}) {
    Object.assign(this, { root, onNavigate: navigate, doc: null, selection: [], hoveredId: null, activeId: null, hidden: new Set(), hideAll: false, tool: "select",
      label: "", labels: [], frame: 0, previewBoxes: new Map(), draftBox: null, marquee: null, regions: [], regionIndex: 0, ready: 0, user: "me", othersOf: {} });
    this.colorOf = labelColors([]);
    this.api = new Api(base);
    this.toasts = new Toasts();
    this.jobs = new JobCards(this);
    this.upload = new DropUpload(this);
    this.player = new VideoPlayer({ api: this.api, shown: (frame) => this.frameShown(frame), failed: (words) => this.toasts.say(words, { kind: "error" }), playing: (on) => this.timeline.showPlaying(on) });
    this.sync = new EditSync(this);
    this.checks = new PhraseChecks(this);
    this.templates = new PhraseTemplates(this);
    this.parts();
    this.commands = createCommands(this);
    this.keys = new Keyboard(root, this.commands, () => (this.isVideo() ? "video" : "photo"), this.pointer);
    this.loader = new ItemLoader(this);
    this.navigation = new Navigation(this);
    this.measure();
  }

  parts() {
    this.stage = new Stage(this);
    this.pointer = new Pointer(this.stage.root, this);
    this.toolbar = new Toolbar(this);
    this.itemList = new ItemList(this);
    this.panel = new Panel(this);
    this.boxFollowing = new BoxFollowing(this);
    this.captionSpans = new CaptionSpans(this);
    this.trackSearch = new TrackSearch(this);
    this.describeBox = new DescribeBox(this);
    this.timeline = new Timeline(this);
    this.picker = new LabelPicker(this);
    this.composePhrase = new PhraseComposer(this);
    const center = createElement("div", { class: "dx-center" }, [this.stage.root, this.timeline.root]);
    const body = createElement("div", { class: "dx-body" }, [this.itemList.root, center, this.panel.root]);
    this.root.replaceChildren(this.toolbar.root, body, this.picker.root, this.composePhrase.root, this.captionSpans.root, this.describeBox.root, this.toasts.root, this.upload.veil, this.upload.input);
    this.stage.root.append(this.jobs.root);
    this.upload.listen(this.root);
    this.root.addEventListener("click", (event) => this.giveBackFocus(event));
    this.toolbar.draw();
    this.stage.dress();
  }

  /** Fills the window from where the page lets it begin to the lower edge. */
  measure() {
    const fit = () => this.root.offsetParent && this.root.style.setProperty("--dx-top", `${Math.max(0, Math.round(this.root.getBoundingClientRect().top + window.scrollY))}px`);
    this.sizes = new ResizeObserver(fit);
    this.sizes.observe(document.body);
    window.addEventListener("resize", fit);
    requestAnimationFrame(fit);
  }

  get viewport() { return this.stage.view; }
  isVideo() { return !!this.doc && this.doc.item.kind === "video"; }
  runCommand(name, event = {}) { return this.commands[name](event); }
  openItem(id) { return this.loader.open(id); }
  setValue(value) { return this.loader.setValue(value); }

  // What is drawn.

  visibleObjects() {
    const only = this.onlySet();
    const key = [this.doc && this.doc.version, this.doc && this.doc.item.id, this.frame, this.hideAll, this.panel.filter === "rejected", this.hiddenTurn || 0, only ? `only ${[...only].join()}` : "", this.colorTurn || 0].join(" ");
    if (key !== this.sceneKey) {
      this.sceneKey = key;
      this.scene = visibleObjects(this.doc, { frame: this.frame, colorOf: this.colorOf, hidden: this.hidden, hideAll: this.hideAll, showRejected: this.panel.filter === "rejected", only });
    }
    return this.scene;
  }

  /** The chosen things as they look now, with what a running gesture makes of them. */
  selectedObjects() {
    if (!this.doc || !this.selection.length) return [];
    const wanted = new Set(this.selection), found = this.visibleObjects().filter((thing) => wanted.has(thing.object));
    if (!found.length && this.selection.length === 1) {
      const ghost = !this.hideAll && hiddenTrackGhost(this.doc, this.selection[0], this.colorOf)(this.frame);
      if (ghost) found.push(ghost);
    }
    return found.map((thing) => ({ ...thing, dim: false, box: this.previewBoxes.get(thing.object) || thing.box }));
  }

  highlightedIds() {
    const head = this.doc && (this.doc.get(this.hoveredId) || this.doc.get(this.activeId));
    return new Set(head && head.kind === "phrase" ? head.value.targets : []);
  }

  isHighlighted(object) { return this.highlightedIds().has(object); }

  /** While a phrase is in hand, only what it names stays strong. */
  onlySet() {
    if (this.regions.length) return new Set();
    const glow = this.highlightedIds();
    return glow.size ? glow : null;
  }

  /** Shows what a remark says the words fit, while they are "typed" or its badge is "pointed" at; null: no longer. */
  showMatches(how, remark) {
    this.othersOf[how] = remark && remark.fits.length ? remark : null;
    this.redrawOverlay();
  }

  /** What the phrase in hand fits besides its own boxes, or what its words fit instead. */
  ambiguousObjects() {
    const head = this.doc && this.doc.get(this.activeId), phrase = head && head.kind === "phrase" && !this.regions.length ? head : null;
    const shown = this.othersOf.typed || this.othersOf.pointed || (phrase && (!this.hoveredId || this.hoveredId === phrase.object) ? this.checks.of(phrase)[0] : null);
    if (!shown) return [];
    const objects = new Set(shown.fits), words = isAmbiguityCount(shown) ? "fits too" : "fits these words";
    return this.visibleObjects().filter((thing) => objects.has(thing.object)).map((thing) => ({ ...thing, text: `${words} · ${thing.text}` }));
  }

  refersToHovered(object) {
    const head = this.doc && this.doc.get(object);
    return !!head && head.kind === "phrase" && head.value.targets.includes(this.hoveredId);
  }

  isListed(head) { return head.value.state !== "rejected" || this.panel.filter === "rejected"; }

  redrawOverlay() { this.stage.touch(); }

  /** Draws the picture's boxes, the list and the timeline anew. */
  redraw() {
    this.stage.refresh();
    this.timeline.refresh();
  }

  onViewportChange() { if (this.toolbar) this.toolbar.showZoom(this.viewport.scale); }

  onDrawn() { if (this.isAwaitingDraw) { this.isAwaitingDraw = false; this.root.dataset.ready = String(++this.ready); } }

  // What is chosen and pointed at.

  select(objects, { reveal = false, stay = false } = {}) {
    this.runCommand("settle");
    this.selection = objects.filter((object) => this.doc && this.doc.get(object));
    this.activeId = this.selection.length === 1 ? this.firstToReview(this.selection[0]) : null;
    this.isPhraseActive = false;
    this.afterChoice(reveal, stay);
  }

  firstToReview(object) {
    const phrase = this.doc.phrasesOf(object).find((p) => p.value.state === "proposed");
    if (phrase) return phrase.object;
    return this.doc.get(object).value.state === "proposed" ? object : null;
  }

  toggleSelected(object) {
    const on = this.selection.includes(object);
    this.select(on ? this.selection.filter((other) => other !== object) : [...this.selection, object]);
  }

  /** Takes a phrase or a thing in hand: its boxes are chosen and brought into sight. */
  activate(head) {
    this.runCommand("settle");
    this.activeId = head.object;
    this.isPhraseActive = head.kind === "phrase";
    this.selection = head.kind === "phrase" ? head.value.targets.filter((target) => this.doc.get(target)) : [head.object];
    this.afterChoice(true, false);
  }

  afterChoice(reveal, stay) {
    this.othersOf.pointed = null;
    if (this.tool === "draw" && this.selection.length) this.setTool("select");
    const first = this.selection[0] && this.doc.get(this.selection[0]);
    if (first && first.kind === "track" && !stay && reveal) this.toLife(first);
    if (reveal && this.selectedObjects()[0]) this.viewport.reveal(this.selectedObjects()[0].box);
    this.redraw();
    this.timeline.dress();
    if (this.selection[0]) this.timeline.reveal(this.selection[0]);
    this.panel.draw();
    const now = this.currentId();
    if (now) requestAnimationFrame(() => this.panel.list.reveal(now));
  }

  /** Goes to the first frame of a track that is not seen at this one. */
  toLife(track) {
    const seen = track.value.keyframes.find((key) => !key.outside);
    if (seen && !this.doc.boxOf(track, this.frame)) this.seek(seen.frame);
  }

  hover(object) {
    if (object === this.hoveredId) return;
    const before = this.onlySet();
    this.hoveredId = object;
    this.panel.list.mark();
    if (before || this.onlySet()) this.stage.refresh(); else this.redrawOverlay();
  }

  currentId() { return this.activeId || this.selection[0] || null; }

  underReview(left = pendingReview(this.doc)) {
    const head = this.doc && this.doc.get(this.activeId);
    return head && left.some((other) => other.object === head.object) ? head : null;
  }

  selectedAnnotations() { return this.selection.map((object) => this.doc.get(object)).filter(Boolean); }

  // What is done.

  commit(changes, title) {
    const done = this.doc && this.doc.commit(changes, title);
    if (done) this.toasts.clear("step");
    if (done && this.doc.item.status === "new") this.navigation.setStatus("in_progress");
    return done;
  }

  /** Locked things, and those that are being followed, are left as they are; says so, and answers whether all may be changed. */
  checkEditable(heads) {
    const fixed = heads.find((head) => this.isFixed(head.object));
    if (fixed) this.toasts.say(this.boxFollowing.growing(fixed.object) ? "It is being followed just now: stop that in its row, or wait." : "It is locked. Press L to unlock it.", { seconds: 3, slot: "hint" });
    return !fixed;
  }

  isFixed(object) {
    const head = this.doc && this.doc.get(object);
    return !!head && (!!head.value.locked || this.boxFollowing.growing(object));
  }

  documentChanged() {
    this.selection = this.selection.filter((object) => this.doc.get(object));
    if (this.activeId && !this.doc.get(this.activeId)) this.activeId = null;
    this.redraw();
    this.panel.draw();
    this.toolbar.draw();
    this.timeline.dress();
    this.checks.soon();
  }

  createObject(box) {
    const label = this.label || (this.labels[0] && this.labels[0].name) || UNNAMED_LABEL;
    const fresh = this.isVideo() ? newTrack(this.frame, box, label) : newBox(box, label);
    this.player.stop();
    this.commit([fresh], "draw");
    this.setTool("select");
    this.select([fresh.object]);
    if (!this.labels.length) this.pickLabel();
    if (this.isVideo()) this.boxFollowing.offer(`Drawn on frame ${this.frame}. Shall it be followed through the film?`);
  }

  moveObjects(boxes) {
    this.player.stop();
    const heads = [...boxes.keys()].map((object) => this.doc.get(object)).filter((head) => head && !this.isFixed(head.object));
    this.commit(heads.map((head) => withBoxAt(head, boxes.get(head.object), this.frame)), "move");
    const mended = heads.length === 1 && heads[0].kind === "track" && heads[0].value.keyframes.some((key) => key.by !== "person" && key.frame > this.frame);
    if (mended) this.boxFollowing.offer("The track bends to this box. Shall it be followed again from here?");
  }

  /** A keyframe moved in time, or the reason why not. */
  moveKeyframe(head, from, to, change) {
    if (!change) this.toasts.say("There is another keyframe, or no frame: it stays where it was.", { seconds: 3, slot: "hint" });
    else if (this.commit([change], "move a keyframe")) this.seek(to);
  }

  setTool(tool) {
    this.tool = tool;
    this.stage.root.dataset.tool = tool;
    this.pointer.hold(this.pointer.spaceHeld);
    this.toolbar.draw();
    this.redrawOverlay();
  }

  setLabel(name) {
    this.label = name;
    const heads = this.selectedAnnotations();
    if (heads.length && this.checkEditable(heads)) this.commit(heads.map((head) => relabelled(head, name)), `label ${name}`);
    this.panel.labels.draw();
  }

  setLabels(labels) {
    this.labels = labels;
    this.colorOf = labelColors(labels);
    this.colorTurn = (this.colorTurn || 0) + 1;
    if (!labels.some((label) => label.name === this.label)) this.label = labels[0] ? labels[0].name : "";
    this.panel.labels.draw();
    this.redraw();
  }

  addLabel(name) { return addLabel(this, name); }

  pickLabel() {
    const bounds = this.root.getBoundingClientRect(), stage = this.stage.root.getBoundingClientRect(), thing = this.selectedObjects()[0];
    const at = thing ? this.viewport.boxToStage(thing.box) : [stage.width - 270, 20, stage.width - 270, 20];
    this.picker.open({ x: stage.left - bounds.left + Math.max(0, at[0]), y: stage.top - bounds.top + Math.max(0, at[3]) + 8 }, bounds);
  }

  run(name, head) { return runAnnotationAction(this, name, head); }
  edit(head) { return editAnnotation(this, head); }
  applyFix(head, cure) { return applyFix(this, head, cure); }
  removePhrase(head) { return removePhrase(this, head); }
  removeObjects(heads) { return removeObjects(this, heads); }

  setHidden(objects, yes) {
    objects.forEach((object) => (yes ? this.hidden.add(object) : this.hidden.delete(object)));
    this.hiddenTurn = (this.hiddenTurn || 0) + 1;
    this.redraw();
    this.panel.draw();
  }

  // Answers, frames, focus.

  showRegions(answers) {
    this.regions = answers;
    this.regionIndex = 0;
    this.regionsShownAt = performance.now();
    if (answers.length) { this.selection = []; this.activeId = null; this.viewport.reveal(answers[0].box); }
    this.redraw();
    this.panel.draw();
  }

  chooseRegion(i) {
    this.regionIndex = i;
    this.regionsShownAt = performance.now();
    this.viewport.reveal(this.regions[i].box);
    this.redrawOverlay();
  }

  seek(frame) {
    this.runCommand("settle");
    return this.player.seek(frame);
  }

  frameShown(frame) {
    if (frame !== this.frame && this.regions.length) this.panel.ask.leave();
    if (frame !== this.frame) { this.previewBoxes.clear(); this.describeBox.close(); }
    this.frame = frame;
    this.root.dataset.frame = String(frame);
    this.stage.refresh();
    this.timeline.show(frame);
    this.checks.soon();
  }

  onJobProgress(job) { this.loader.jobMoved(job); }
  onJobEnd(job) { this.loader.jobOver(job); }
  showSyncState() { return this.sync.details(); }
  /** A button pressed with the mouse does not keep the keyboard: the next key is for the picture. */
  giveBackFocus(event) {
    const pressed = event.detail && event.target.closest("button");
    if (pressed && !pressed.closest("[role=dialog]") && (document.activeElement === pressed || document.activeElement === document.body)) this.focus();
  }

  focus() { this.stage.root.focus({ preventScroll: true }); }
  toggleItemList() { this.root.classList.toggle("no-strip"); }

  /** For tests and for the curious: where a picture point is on the page, and what stands. */
  toPage(x, y) {
    const frame = this.stage.root.getBoundingClientRect(), at = this.viewport.toStage({ x, y });
    return { x: frame.left + at.x, y: frame.top + at.y };
  }

  snapshot() {
    const plain = (head) => ({ object: head.object, id: head.id, kind: head.kind, value: head.value, text: head.value.label === undefined ? "" : objectCaption(head) });
    return this.doc ? [...this.doc.all("box"), ...this.doc.all("track"), ...this.doc.all("phrase")].map(plain) : [];
  }
}

/** Puts an editor into an element; the page's one door to it. */
export function mount(root, options) {
  const editor = new Editor(root, options);
  root.__ed = editor;
  return editor;
}
