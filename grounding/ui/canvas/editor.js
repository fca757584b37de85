// The editor: one object that holds what is open, chosen and pointed at, and joins the parts of the page.

import { Api } from "./api.js";
import { Checks, isCount } from "./checks.js";
import { commandsOf } from "./commands.js";
import { Describing } from "./describing.js";
import { make } from "./dom.js";
import { UNNAMED, newBox, newTrack, placed, relabelled } from "./edits.js";
import { Jobs, Upload } from "./jobs.js";
import { Keys } from "./keys.js";
import { LabelPicker, makeLabel } from "./labels.js";
import { Opening } from "./opening.js";
import { Panel } from "./panel.js";
import { PhraseComposer } from "./phrases.js";
import { actOn, cureOne, editHead, removePhrase, removeThings } from "./acting.js";
import { pending } from "./review.js";
import { Saving } from "./saving.js";
import { chipText, colorsOf, ghostOf, sceneOf } from "./scene.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";
import { Templates } from "./templates.js";
import { Timeline } from "./timeline.js";
import { Toasts } from "./toast.js";
import { Toolbar } from "./toolbar.js";
import { Pointer } from "./tools.js";
import { Film } from "./video.js";
import { Finding } from "./finding.js";
import { Following } from "./following.js";
import { Stretches } from "./stretches.js";

export class Editor {
  /** `navigate(detail)` tells the page which {project, item} is open. */
  constructor(root, { base = "", navigate = () => null } = {}) {
    Object.assign(this, { root, navigate, doc: null, selection: [], pointed: null, active: null, hidden: new Set(), hideAll: false, tool: "select",
      label: "", labels: [], frame: 0, preview: new Map(), draft: null, marquee: null, answers: [], answer: 0, ready: 0, user: "me", othersOf: {} });
    this.colorOf = colorsOf([]);
    this.api = new Api(base);
    this.toasts = new Toasts();
    this.jobs = new Jobs(this);
    this.upload = new Upload(this);
    this.film = new Film({ api: this.api, shown: (frame) => this.frameShown(frame), failed: (words) => this.toasts.say(words, { kind: "error" }), playing: (on) => this.timeline.showPlaying(on) });
    this.saving = new Saving(this);
    this.checks = new Checks(this);
    this.templates = new Templates(this);
    this.parts();
    this.commands = commandsOf(this);
    this.keys = new Keys(root, this.commands, () => (this.isVideo() ? "video" : "photo"), this.pointer);
    this.opening = new Opening(this);
    this.measure();
  }

  parts() {
    this.stage = new Stage(this);
    this.pointer = new Pointer(this.stage.root, this);
    this.toolbar = new Toolbar(this);
    this.strip = new Strip(this);
    this.panel = new Panel(this);
    this.following = new Following(this);
    this.stretches = new Stretches(this);
    this.finding = new Finding(this);
    this.describing = new Describing(this);
    this.timeline = new Timeline(this);
    this.picker = new LabelPicker(this);
    this.composer = new PhraseComposer(this);
    const center = make("div", { class: "dx-center" }, [this.stage.root, this.timeline.root]);
    const body = make("div", { class: "dx-body" }, [this.strip.root, center, this.panel.root]);
    this.root.replaceChildren(this.toolbar.root, body, this.picker.root, this.composer.root, this.stretches.root, this.describing.root, this.toasts.root, this.upload.veil, this.upload.input);
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

  get view() { return this.stage.view; }
  isVideo() { return !!this.doc && this.doc.item.kind === "video"; }
  run(name, event = {}) { return this.commands[name](event); }
  open(id) { return this.opening.open(id); }
  setValue(value) { return this.opening.setValue(value); }

  // What is drawn.

  things() {
    const only = this.onlySet();
    const key = [this.doc && this.doc.version, this.doc && this.doc.item.id, this.frame, this.hideAll, this.panel.filter === "rejected", this.hiddenTurn || 0, only ? `only ${[...only].join()}` : "", this.colorTurn || 0].join(" ");
    if (key !== this.sceneKey) {
      this.sceneKey = key;
      this.scene = sceneOf(this.doc, { frame: this.frame, colorOf: this.colorOf, hidden: this.hidden, hideAll: this.hideAll, showRejected: this.panel.filter === "rejected", only });
    }
    return this.scene;
  }

  /** The chosen things as they look now, with what a running gesture makes of them. */
  chosen() {
    if (!this.doc || !this.selection.length) return [];
    const wanted = new Set(this.selection), found = this.things().filter((thing) => wanted.has(thing.object));
    if (!found.length && this.selection.length === 1) {
      const ghost = !this.hideAll && ghostOf(this.doc, this.selection[0], this.colorOf)(this.frame);
      if (ghost) found.push(ghost);
    }
    return found.map((thing) => ({ ...thing, dim: false, box: this.preview.get(thing.object) || thing.box }));
  }

  glowSet() {
    const head = this.doc && (this.doc.get(this.pointed) || this.doc.get(this.active));
    return new Set(head && head.kind === "phrase" ? head.value.targets : []);
  }

  glowing(object) { return this.glowSet().has(object); }

  /** While a phrase is in hand, only what it names stays strong. */
  onlySet() {
    if (this.answers.length) return new Set();
    const glow = this.glowSet();
    return glow.size ? glow : null;
  }

  /** Shows what a remark says the words fit, while they are "typed" or its badge is "pointed" at; null: no longer. */
  showOthers(how, remark) {
    this.othersOf[how] = remark && remark.fits.length ? remark : null;
    this.touch();
  }

  /** What the phrase in hand fits besides its own boxes, or what its words fit instead. */
  others() {
    const head = this.doc && this.doc.get(this.active), phrase = head && head.kind === "phrase" && !this.answers.length ? head : null;
    const shown = this.othersOf.typed || this.othersOf.pointed || (phrase && (!this.pointed || this.pointed === phrase.object) ? this.checks.of(phrase)[0] : null);
    if (!shown) return [];
    const objects = new Set(shown.fits), words = isCount(shown) ? "fits too" : "fits these words";
    return this.things().filter((thing) => objects.has(thing.object)).map((thing) => ({ ...thing, text: `${words} · ${thing.text}` }));
  }

  names(object) {
    const head = this.doc && this.doc.get(object);
    return !!head && head.kind === "phrase" && head.value.targets.includes(this.pointed);
  }

  shows(head) { return head.value.state !== "rejected" || this.panel.filter === "rejected"; }

  touch() { this.stage.touch(); }

  /** Draws the picture's boxes, the list and the timeline anew. */
  refresh() {
    this.stage.refresh();
    this.timeline.refresh();
  }

  viewChanged() { if (this.toolbar) this.toolbar.showZoom(this.view.scale); }

  painted() { if (this.awaitingPaint) { this.awaitingPaint = false; this.root.dataset.ready = String(++this.ready); } }

  // What is chosen and pointed at.

  select(objects, { reveal = false, stay = false } = {}) {
    this.run("settle");
    this.selection = objects.filter((object) => this.doc && this.doc.get(object));
    this.active = this.selection.length === 1 ? this.firstToReview(this.selection[0]) : null;
    this.phraseInHand = false;
    this.afterChoice(reveal, stay);
  }

  firstToReview(object) {
    const phrase = this.doc.phrasesOf(object).find((p) => p.value.state === "proposed");
    if (phrase) return phrase.object;
    return this.doc.get(object).value.state === "proposed" ? object : null;
  }

  toggle(object) {
    const on = this.selection.includes(object);
    this.select(on ? this.selection.filter((other) => other !== object) : [...this.selection, object]);
  }

  /** Takes a phrase or a thing in hand: its boxes are chosen and brought into sight. */
  activate(head) {
    this.run("settle");
    this.active = head.object;
    this.phraseInHand = head.kind === "phrase";
    this.selection = head.kind === "phrase" ? head.value.targets.filter((target) => this.doc.get(target)) : [head.object];
    this.afterChoice(true, false);
  }

  afterChoice(reveal, stay) {
    this.othersOf.pointed = null;
    if (this.tool === "draw" && this.selection.length) this.setTool("select");
    const first = this.selection[0] && this.doc.get(this.selection[0]);
    if (first && first.kind === "track" && !stay && reveal) this.toLife(first);
    if (reveal && this.chosen()[0]) this.view.reveal(this.chosen()[0].box);
    this.refresh();
    this.timeline.dress();
    if (this.selection[0]) this.timeline.reveal(this.selection[0]);
    this.panel.draw();
    const now = this.current();
    if (now) requestAnimationFrame(() => this.panel.list.reveal(now));
  }

  /** Goes to the first frame of a track that is not seen at this one. */
  toLife(track) {
    const seen = track.value.keyframes.find((key) => !key.outside);
    if (seen && !this.doc.boxOf(track, this.frame)) this.goto(seen.frame);
  }

  point(object) {
    if (object === this.pointed) return;
    const before = this.onlySet();
    this.pointed = object;
    this.panel.list.mark();
    if (before || this.onlySet()) this.stage.refresh(); else this.touch();
  }

  current() { return this.active || this.selection[0] || null; }

  underReview(left = pending(this.doc)) {
    const head = this.doc && this.doc.get(this.active);
    return head && left.some((other) => other.object === head.object) ? head : null;
  }

  heads() { return this.selection.map((object) => this.doc.get(object)).filter(Boolean); }

  // What is done.

  commit(changes, title) {
    const done = this.doc && this.doc.commit(changes, title);
    if (done) this.toasts.clear("step");
    if (done && this.doc.item.status === "new") this.opening.statusIs("in_progress");
    return done;
  }

  /** Locked things, and those that are being followed, are left as they are; says so, and answers whether all may be changed. */
  free(heads) {
    const fixed = heads.find((head) => this.fixed(head.object));
    if (fixed) this.toasts.say(this.following.growing(fixed.object) ? "It is being followed just now: stop that in its row, or wait." : "It is locked. Press L to unlock it.", { seconds: 3, slot: "hint" });
    return !fixed;
  }

  fixed(object) {
    const head = this.doc && this.doc.get(object);
    return !!head && (!!head.value.locked || this.following.growing(object));
  }

  docChanged() {
    this.selection = this.selection.filter((object) => this.doc.get(object));
    if (this.active && !this.doc.get(this.active)) this.active = null;
    this.refresh();
    this.panel.draw();
    this.toolbar.draw();
    this.timeline.dress();
    this.checks.soon();
  }

  create(box) {
    const label = this.label || (this.labels[0] && this.labels[0].name) || UNNAMED;
    const fresh = this.isVideo() ? newTrack(this.frame, box, label) : newBox(box, label);
    this.film.stop();
    this.commit([fresh], "draw");
    this.setTool("select");
    this.select([fresh.object]);
    if (!this.labels.length) this.askLabel();
    if (this.isVideo()) this.following.offer(`Drawn on frame ${this.frame}. Shall it be followed through the film?`);
  }

  place(boxes) {
    this.film.stop();
    const heads = [...boxes.keys()].map((object) => this.doc.get(object)).filter((head) => head && !this.fixed(head.object));
    this.commit(heads.map((head) => placed(head, boxes.get(head.object), this.frame)), "move");
    const mended = heads.length === 1 && heads[0].kind === "track" && heads[0].value.keyframes.some((key) => key.by !== "person" && key.frame > this.frame);
    if (mended) this.following.offer("The track bends to this box. Shall it be followed again from here?");
  }

  /** A keyframe moved in time, or the reason why not. */
  moveKey(head, from, to, change) {
    if (!change) this.toasts.say("There is another keyframe, or no frame: it stays where it was.", { seconds: 3, slot: "hint" });
    else if (this.commit([change], "move a keyframe")) this.goto(to);
  }

  setTool(tool) {
    this.tool = tool;
    this.stage.root.dataset.tool = tool;
    this.pointer.hold(this.pointer.spaceHeld);
    this.toolbar.draw();
    this.touch();
  }

  setLabel(name) {
    this.label = name;
    const heads = this.heads();
    if (heads.length && this.free(heads)) this.commit(heads.map((head) => relabelled(head, name)), `label ${name}`);
    this.panel.labels.draw();
  }

  setLabels(labels) {
    this.labels = labels;
    this.colorOf = colorsOf(labels);
    this.colorTurn = (this.colorTurn || 0) + 1;
    if (!labels.some((label) => label.name === this.label)) this.label = labels[0] ? labels[0].name : "";
    this.panel.labels.draw();
    this.refresh();
  }

  makeLabel(name) { return makeLabel(this, name); }

  askLabel() {
    const bounds = this.root.getBoundingClientRect(), stage = this.stage.root.getBoundingClientRect(), thing = this.chosen()[0];
    const at = thing ? this.view.boxToStage(thing.box) : [stage.width - 270, 20, stage.width - 270, 20];
    this.picker.open({ x: stage.left - bounds.left + Math.max(0, at[0]), y: stage.top - bounds.top + Math.max(0, at[3]) + 8 }, bounds);
  }

  act(name, head) { return actOn(this, name, head); }
  edit(head) { return editHead(this, head); }
  cure(head, cure) { return cureOne(this, head, cure); }
  removePhrase(head) { return removePhrase(this, head); }
  removeHeads(heads) { return removeThings(this, heads); }

  hide(objects, yes) {
    objects.forEach((object) => (yes ? this.hidden.add(object) : this.hidden.delete(object)));
    this.hiddenTurn = (this.hiddenTurn || 0) + 1;
    this.refresh();
    this.panel.draw();
  }

  // Answers, frames, focus.

  showAnswers(answers) {
    this.answers = answers;
    this.answer = 0;
    this.answeredAt = performance.now();
    if (answers.length) { this.selection = []; this.active = null; this.view.reveal(answers[0].box); }
    this.refresh();
    this.panel.draw();
  }

  chooseAnswer(i) {
    this.answer = i;
    this.answeredAt = performance.now();
    this.view.reveal(this.answers[i].box);
    this.touch();
  }

  goto(frame) {
    this.run("settle");
    return this.film.seek(frame);
  }

  frameShown(frame) {
    if (frame !== this.frame && this.answers.length) this.panel.ask.leave();
    if (frame !== this.frame) { this.preview.clear(); this.describing.close(); }
    this.frame = frame;
    this.root.dataset.frame = String(frame);
    this.stage.refresh();
    this.timeline.show(frame);
    this.checks.soon();
  }

  jobMoved(job) { this.opening.jobMoved(job); }
  jobOver(job) { this.opening.jobOver(job); }
  showSaving() { return this.saving.details(); }
  /** A button pressed with the mouse does not keep the keyboard: the next key is for the picture. */
  giveBackFocus(event) {
    const pressed = event.detail && event.target.closest("button");
    if (pressed && !pressed.closest("[role=dialog]") && (document.activeElement === pressed || document.activeElement === document.body)) this.focusStage();
  }

  focusStage() { this.stage.root.focus({ preventScroll: true }); }
  toggleStrip() { this.root.classList.toggle("no-strip"); }

  /** For tests and for the curious: where a picture point is on the page, and what stands. */
  toPage(x, y) {
    const frame = this.stage.root.getBoundingClientRect(), at = this.view.toStage({ x, y });
    return { x: frame.left + at.x, y: frame.top + at.y };
  }

  snapshot() {
    const plain = (head) => ({ object: head.object, id: head.id, kind: head.kind, value: head.value, text: head.value.label === undefined ? "" : chipText(head) });
    return this.doc ? [...this.doc.all("box"), ...this.doc.all("track"), ...this.doc.all("phrase")].map(plain) : [];
  }
}

/** Puts an editor into an element; the page's one door to it. */
export function mount(root, options) {
  const editor = new Editor(root, options);
  root.__ed = editor;
  return editor;
}
