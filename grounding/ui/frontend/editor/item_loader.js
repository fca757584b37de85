// The item loader: loads a project and an item onto the page, and keeps what is shown up to date.

import { ItemDocument } from "../document/item_document.js";
import { button, createElement } from "../kit/elements.js";
import { spinner, stageMessage } from "../stage/messages.js";

const KEPT = 30, HERE = "deixis.item";

export class ItemLoader {
  constructor(ed) {
    this.ed = ed;
    this.turn = 0;
    this.docs = new Map();
    this.refreshing = 0;
    const [visit] = performance.getEntriesByType("navigation");
    this.reloaded = visit && visit.type !== "navigate" ? sessionStorage.getItem(HERE) : null;
  }

  /** The page's wish: {project, item, user}. */
  async setValue(value) {
    const { ed } = this, wish = value || {};
    this.sign(wish.user);
    if (!wish.project) {
      ed.project = null;
      this.leave();
      ed.stage.say(...stageMessage("film", "No project is open", "Make one or choose one in the Project tab; then drop photos or videos here."));
      return;
    }
    const changed = wish.project !== ed.project;
    ed.project = wish.project;
    if (changed) {
      this.leave();
      ed.setLabels([]);
      ed.stage.say(spinner("Opening the project …"));
      await ed.itemList.enter(ed.project);
      if (ed.project !== wish.project) return;
      ed.jobs.adopt(ed.project);
      ed.templates.load(ed.project);
    }
    if (wish.item && (!ed.doc || ed.doc.item.id !== wish.item)) await this.open(wish.item);
    else if (!wish.item && (changed || !ed.doc)) await this.openFirst();
  }

  /** Who works here from now on. */
  sign(name) {
    const { ed } = this;
    ed.user = name || "me";
    ed.api.person = ed.user;
    if (ed.doc) ed.doc.author = `person:${ed.user}`;
  }

  /** The item that was open when the page was loaded anew, or else the first that is not done. */
  async openFirst() {
    const { items, trouble } = this.ed.itemList, before = this.reloaded;
    this.reloaded = null;
    const first = items.find((item) => item.id === before) || await this.still(before) || items.find((item) => item.status !== "done") || items[0];
    if (first) await this.open(first.id);
    else if (trouble) this.unopened("This project could not be opened", trouble, () => this.again());
    else this.nothing();
  }

  again() {
    const { project, user } = this.ed;
    this.ed.project = null;
    return this.setValue({ project, item: null, user });
  }

  /** The item, if it is still in the open project. */
  async still(id) {
    if (!id) return null;
    try {
      const item = await this.ed.api.item(id);
      return item.project === this.ed.project ? item : null;
    } catch (failure) {
      console.debug("the item of before is not there:", failure.message);
      return null;
    }
  }

  async nothing() {
    this.leave();
    const { ed } = this;
    ed.stage.say(...stageMessage("upload", "Nothing here yet", "Drop photos, a folder or a video anywhere on this page.", button("upload", "Add photos or videos", () => ed.upload.choose(), { text: "Add photos or videos", kind: "primary" })));
    try {
      const here = (await ed.api.projects()).find((project) => project.id === ed.project);
      if (here && !ed.doc) ed.setLabels(here.labels);
    } catch (failure) {
      ed.toasts.error(failure);
    }
  }

  leave() {
    const { ed } = this;
    this.turn += 1;
    ed.player.close();
    ed.doc = null;
    Object.assign(ed, { selection: [], activeId: null, hoveredId: null, hidden: new Set(), hideAll: false, draftBox: null, marquee: null, othersOf: {} });
    ed.previewBoxes.clear();
    ed.captionSpans.forget();
    ed.describeBox.close();
    ed.toasts.clear("step");
    ed.toasts.clear("offer");
    ed.trackSearch.clear();
    ed.panel.ask.leave();
    ed.timeline.root.hidden = true;
    ed.stage.clear();
    ed.panel.draw();
    ed.toolbar.draw();
  }

  async open(id) {
    const { ed } = this;
    if (!id) { this.nothing(); return; }
    ed.runCommand("settle");
    ed.pointer.cancel();
    const turn = ++this.turn;
    const waiting = ed.sync.queue.forItem(id);
    const slow = setTimeout(() => { if (turn === this.turn) ed.stage.say(spinner("Loading …")); }, 180);
    try {
      const item = await ed.api.item(id);
      if (turn === this.turn) await this.show(item, waiting);
    } catch (failure) {
      if (turn === this.turn) this.failed(id, failure);
    } finally {
      clearTimeout(slow);
    }
  }

  failed(id, failure) {
    this.leave();
    this.unopened("This item could not be opened", failure, () => this.open(id));
  }

  unopened(title, failure, again) {
    this.ed.stage.say(...stageMessage("warn", title, failure.message, button("restore", "Try again", again, { text: "Try again", kind: "primary" })));
  }

  async show(item, waiting) {
    const { ed } = this;
    this.leave();
    const turn = this.turn, size = { width: item.width, height: item.height };
    ed.setLabels(item.labels || []);
    ed.doc = this.documentOf(item, waiting);
    ed.frame = 0;
    ed.viewport.fitted = true;
    ed.toolbar.draw();
    ed.itemList.show(item);
    ed.onNavigate({ project: ed.project, item: item.id });
    sessionStorage.setItem(HERE, item.id);
    const fine = await (item.kind === "video" ? this.showFilm(item, size) : this.showPhoto(item, size, turn));
    if (turn !== this.turn) return;
    if (fine !== false) ed.stage.say();
    ed.root.dataset.item = item.id;
    ed.isAwaitingDraw = true;
    ed.documentChanged();
    this.prefetch(item.next);
  }

  documentOf(item, waiting) {
    const { ed } = this, pendingNow = ed.sync.queue.forItem(item.id);
    const overlay = [...waiting.filter((entry) => !pendingNow.includes(entry)), ...pendingNow];
    let doc = this.docs.get(item.id);
    if (doc) {
      doc.item = item;
      doc.load(item.annotations, overlay);
    } else {
      doc = new ItemDocument(item, (entry) => ed.sync.queue.push(entry));
      doc.load(item.annotations, overlay);
      doc.onChange(() => ed.doc === doc && ed.documentChanged());
    }
    doc.author = `person:${ed.user}`;
    this.docs.delete(item.id);
    this.docs.set(item.id, doc);
    if (this.docs.size > KEPT) this.docs.delete(this.docs.keys().next().value);
    return doc;
  }

  async showPhoto(item, size, turn) {
    const { ed } = this, image = createElement("img", { alt: item.name, draggable: "false", decoding: "async" });
    image.src = ed.api.url(item.image);
    if (item.thumb) image.style.background = `center / 100% 100% url("${encodeURI(ed.api.url(item.thumb))}")`;
    ed.stage.show(image, size);
    try {
      await image.decode();
    } catch (broken) {
      if (turn === this.turn) ed.stage.say(...stageMessage("warn", "This photo cannot be shown", `The server did not give a readable picture (${broken.message})`, button("restore", "Try again", () => this.open(item.id), { text: "Try again" })));
      return false;
    }
    image.style.background = "";
    return true;
  }

  async showFilm(item, size) {
    const { ed } = this;
    ed.timeline.root.hidden = false;
    ed.stage.show(ed.player.open(item.video, size), size);
    ed.timeline.open(ed.player.count);
    ed.stage.fitRoot();
    await ed.player.seek(0);
  }

  async prefetch(id) {
    if (!id) return;
    try {
      const item = await this.ed.api.item(id);
      if (item.kind === "photo") new Image().src = this.ed.api.url(item.image);
    } catch (failure) {
      console.debug("the next item is not there yet:", failure.message);
    }
  }

  /** Takes in what the server has for the open item, when no gesture is under way. */
  async refresh() {
    const { ed } = this;
    if (!ed.doc || ed.pointer.gesture || ed.isNudging) return;
    const { doc } = ed, waiting = ed.sync.queue.forItem(doc.item.id);
    const item = await ed.api.item(doc.item.id);
    if (doc !== ed.doc || item.revision < doc.item.revision) return;
    Object.assign(doc.item, { revision: item.revision, status: item.status });
    const now = ed.sync.queue.forItem(doc.item.id);
    doc.load(item.annotations, [...waiting.filter((entry) => !now.includes(entry)), ...now]);
    ed.setLabels(item.labels || []);
  }

  /** While a job brings things in, what is shown follows, not more than about once a second. */
  async jobMoved(job) {
    const now = performance.now();
    if (now - this.refreshing < 1200 || /^(export|publish|train|improve)$/.test(job.kind)) return;
    this.refreshing = now;
    await this.follow();
  }

  async jobOver(job) {
    const { ed } = this;
    if (/^(export|publish)$/.test(job.kind)) {
      if (job.state === "done") ed.toasts.say("The export is ready.", { action: ["Download", () => { window.location.href = ed.api.url(`/api/exports/${job.id}`); }], seconds: 20 });
      return;
    }
    await this.follow();
    if (job.kind === "follow" && job.state === "done") ed.toasts.say("Objects followed: look the tracks through in the timeline.");
  }

  async follow() {
    const { ed } = this;
    try {
      await ed.itemList.renew();
      if (!ed.doc && ed.itemList.items.length) await this.openFirst();
      else await this.refresh();
    } catch (failure) {
      ed.toasts.error(failure);
    }
  }
}
