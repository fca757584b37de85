// The editor: builds its parts and joins them; what one part must tell another passes through here.

import { EditSession } from "../document/edit_session.js";
import { PhraseChecks } from "../document/phrase_checks.js";
import { PhraseTemplates } from "../document/phrase_templates.js";
import { Api } from "../kit/api.js";
import { createElement } from "../kit/elements.js";
import { DropUpload } from "../notices/drop_upload.js";
import { JobCards } from "../notices/job_cards.js";
import { Notices } from "../notices/notices.js";
import { DescribeBox } from "../panel/describe_box.js";
import { LabelPicker } from "../panel/label_picker.js";
import { Panel } from "../panel/panel.js";
import { PhraseComposer } from "../panel/phrase_composer.js";
import { EditSync } from "../saving/edit_sync.js";
import { Pointer } from "../stage/pointer.js";
import { objectCaption } from "../stage/scene.js";
import { Stage } from "../stage/stage.js";
import { StageView } from "../stage/stage_view.js";
import { BoxFollowing } from "../video/box_following.js";
import { CaptionSpans } from "../video/caption_spans.js";
import { Timeline } from "../video/timeline.js";
import { TrackSearch } from "../video/track_search.js";
import { VideoPlayer } from "../video/video_player.js";
import { Actions } from "./actions.js";
import { createCommands } from "./commands.js";
import { ItemList } from "./item_list.js";
import { ItemLoader } from "./item_loader.js";
import { Keyboard } from "./keyboard.js";
import { Navigation } from "./navigation.js";
import { Toolbar } from "./toolbar.js";

/** What each part takes of: session, view, notices, actions, services, commands, and `parts` by name. */
export class Editor {
  /** `navigate(detail)` tells the page which {project, item} is open. */
  constructor(root, { base = "", navigate = () => null } = {}) {
    this.root = root;
    /** @type {import("./context.js").Parts} */
    this.parts = /** @type {any} */ ({});
    /** @type {import("./context.js").Services} */
    this.services = /** @type {any} */ ({});
    /** @type {import("./context.js").Commands} */
    this.commands = { byName: {}, run: (name, event = {}) => this.commands.byName[name](event) };
    this.notices = new Notices(root, () => this.commands.run("undo"));
    this.session = new EditSession({
      settle: () => this.commands.run("settle"), isFollowing: (object) => this.parts.boxFollowing.isFollowing(object),
      say: (text) => this.notices.toasts.say(text, { seconds: 3, slot: "hint" }),
    });
    this.view = new StageView(root, this);
    this.actions = new Actions(this);
    this.buildServices(base);
    this.buildParts(navigate);
    this.arrange();
    this.listen();
    this.parts.toolbar.draw();
    this.view.stage.applyFont();
    this.fillWindow();
  }

  buildServices(base) {
    const { notices, parts, services, view } = this;
    services.api = new Api(base);
    notices.jobs = new JobCards(this, { onProgress: (job) => parts.loader.jobProgressed(job), onEnd: (job) => parts.loader.jobEnded(job) });
    notices.upload = new DropUpload(this);
    view.player = new VideoPlayer({
      api: services.api, onFrame: (frame) => this.frameShown(frame), onError: (words) => notices.toasts.say(words, { kind: "error" }),
      onPlaying: (on) => parts.timeline.showPlaying(on),
    });
    services.sync = new EditSync(this);
    services.checks = new PhraseChecks(this, (turn) => this.checksChanged(turn));
    services.templates = new PhraseTemplates(this, () => parts.panel.draw());
  }

  buildParts(navigate) {
    const { commands, parts, session, view } = this;
    view.stage = new Stage(this);
    view.pointer = new Pointer(view.stage.root, this);
    parts.toolbar = new Toolbar(this);
    parts.itemList = new ItemList(this);
    parts.panel = new Panel(this);
    parts.boxFollowing = new BoxFollowing(this);
    parts.captionSpans = new CaptionSpans(this);
    parts.trackSearch = new TrackSearch(this);
    parts.describeBox = new DescribeBox(this);
    parts.timeline = new Timeline(this);
    parts.labelPicker = new LabelPicker(this);
    parts.composer = new PhraseComposer(this);
    commands.byName = createCommands(this);
    parts.keyboard = new Keyboard(this.root, commands.byName, () => (session.isVideo() ? "video" : "photo"), view.pointer);
    parts.loader = new ItemLoader(this, navigate);
    parts.navigation = new Navigation(this);
  }

  arrange() {
    const { notices, parts, root, view } = this;
    const center = createElement("div", { class: "dx-center" }, [view.stage.root, parts.timeline.root]);
    const body = createElement("div", { class: "dx-body" }, [parts.itemList.root, center, parts.panel.root]);
    const floating = [parts.labelPicker, parts.composer, parts.captionSpans, parts.describeBox, notices.toasts].map((part) => part.root);
    root.replaceChildren(parts.toolbar.root, body, ...floating, notices.upload.veil, notices.upload.input);
    view.stage.root.append(notices.jobs.root);
    notices.upload.listen(root);
    root.addEventListener("click", (event) => this.giveBackFocus(event));
  }

  /** Which parts are drawn anew, and in which order, when session or view change. */
  listen() {
    const { notices, parts, services, session, view } = this, drawLabels = () => parts.panel.labelBar.draw();
    session.on("close", () => this.documentClosed());
    session.on("selection", (how) => this.selectionChanged(how));
    session.on("commit", () => {
      notices.toasts.clear("step");
      if (session.doc.item.status === "new") parts.navigation.setStatus("in_progress");
    });
    session.on("document", () => {
      view.redraw();
      parts.panel.draw();
      parts.toolbar.draw();
      parts.timeline.updateButtons();
      services.checks.schedule();
    });
    session.on("label", drawLabels);
    session.on("labels", () => { drawLabels(); view.redraw(); });
    session.on("hidden", () => { view.redraw(); parts.panel.draw(); });
    view.on("tool", () => parts.toolbar.draw());
    view.on("hover", () => parts.panel.list.mark());
    view.on("redraw", () => parts.timeline.refresh());
    view.on("regions", () => parts.panel.draw());
    view.on("viewport", () => parts.toolbar && parts.toolbar.showZoom(view.viewport.scale));
  }

  /** What was under way ends, and nothing of the item stays on the page. */
  documentClosed() {
    const { notices, parts, view } = this;
    view.reset();
    parts.captionSpans.cancelPending();
    parts.describeBox.close();
    notices.toasts.clear("step");
    notices.toasts.clear("offer");
    parts.trackSearch.clear();
    parts.panel.queryBox.reset();
    parts.timeline.root.hidden = true;
    view.stage.clear();
    parts.panel.draw();
    parts.toolbar.draw();
  }

  /** The order is what people see: tool, frame, place, boxes, timeline, list. */
  selectionChanged({ reveal, stay }) {
    const { parts, session, view } = this, [first] = session.selectedAnnotations();
    view.matchesOf.pointed = null;
    if (view.tool === "draw" && session.selection.length) view.setTool("select");
    if (first && first.kind === "track" && !stay && reveal) this.seekVisible(first);
    if (reveal && view.selectedObjects()[0]) view.viewport.reveal(view.selectedObjects()[0].box);
    view.redraw();
    parts.timeline.updateButtons();
    if (session.selection[0]) parts.timeline.reveal(session.selection[0]);
    parts.panel.draw();
    const current = session.currentId();
    if (current) requestAnimationFrame(() => parts.panel.list.reveal(current));
  }

  /** Goes to the first frame of a track that is not visible at this one. */
  seekVisible(track) {
    const visible = track.value.keyframes.find((key) => !key.outside);
    if (visible && !this.session.doc.boxAt(track, this.view.frame)) this.view.seek(visible.frame);
  }

  frameShown(frame) {
    const { parts, view } = this;
    if (frame !== view.frame && view.regions.length) parts.panel.queryBox.reset();
    if (frame !== view.frame) { view.previewBoxes.clear(); parts.describeBox.close(); }
    view.frame = frame;
    this.root.dataset.frame = String(frame);
    view.stage.refresh();
    parts.timeline.showFrame(frame);
    this.services.checks.schedule();
  }

  checksChanged(turn) {
    this.root.dataset.checked = String(turn);
    this.view.stage.refresh();
    this.parts.panel.draw();
  }

  /** A button pressed with the mouse does not keep the keyboard: the next key is for the picture. */
  giveBackFocus(event) {
    const pressed = event.detail && event.target.closest("button");
    if (pressed && !pressed.closest("[role=dialog]") && (document.activeElement === pressed || document.activeElement === document.body)) this.view.focus();
  }

  /** Fills the window from where the page lets it begin to the lower edge. */
  fillWindow() {
    const { root } = this, fit = () => root.offsetParent && root.style.setProperty("--dx-top", `${Math.max(0, Math.round(root.getBoundingClientRect().top + window.scrollY))}px`);
    new ResizeObserver(fit).observe(document.body);
    window.addEventListener("resize", fit);
    requestAnimationFrame(fit);
  }

  // For the page around it, and for tests.

  setValue(value) { return this.parts.loader.setValue(value); }
  openItem(id) { return this.parts.loader.open(id); }

  /** What stands on the open item, as plain values. */
  snapshot() {
    const { doc } = this.session;
    const plain = (annotation) => ({ object: annotation.object, id: annotation.id, kind: annotation.kind, value: annotation.value, text: annotation.value.label === undefined ? "" : objectCaption(annotation) });
    return doc ? [...doc.ofKind("box"), ...doc.ofKind("track"), ...doc.ofKind("phrase")].map(plain) : [];
  }
}

/** Puts an editor into an element; the page's one door to it. */
export function mount(root, options) {
  const editor = new Editor(root, options);
  root.__ed = editor;
  return editor;
}
