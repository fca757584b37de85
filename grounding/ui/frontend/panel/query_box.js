// The query box: phrase in, regions out; keep one as a phrase of the project.

import { newBox, newPhrase, newTrack, UNNAMED_LABEL, withState } from "../document/edits.js";
import { changeTo } from "../document/item_document.js";
import { matchAt } from "../document/object_match.js";
import { button, createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";
import { icon } from "../kit/icons.js";
import { CaptionGrounding } from "./caption_grounding.js";

/** @typedef {import("../editor/context.js").Context} Context */

/** Said where a box was made that no label of the project is surely true of. */
const unnamed = (changes) => (changes.some((made) => !made.before && made.after.label === UNNAMED_LABEL) ? ` No label of this project names it, so its box is called “${UNNAMED_LABEL}”.` : "");

const severalParts = (answer) => (answer.read || []).length > 1;

export class QueryBox {
  /** @param {Context} context */
  constructor(context) {
    const { session, view, notices, services, parts } = context;
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.services = services;
    this.parts = parts;
    this.input = createElement("input", {
      class: "dx-input", type: "text", maxlength: "300", autocomplete: "off", spellcheck: "false",
      placeholder: "Type a phrase, see the box", "aria-label": "Type an English phrase, see the box",
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.submitButton = button("spark", "Find it", () => this.ask(), { key: "Enter", kind: "primary small" });
    this.results = createElement("div", { class: "dx-answers", "aria-live": "polite" });
    const form = createElement("div", { class: "dx-ask-line" }, [icon("search"), this.input, this.submitButton]);
    this.methodButtons = createElement("div", { class: "dx-ask-ways", hidden: true });
    this.root = createElement("section", { class: "dx-ask", "aria-label": "Ask" }, [form, this.methodButtons, this.results]);
    this.captionGrounding = new CaptionGrounding(context, () => this.clear());
    this.input.addEventListener("focus", () => this.showMethods());
    this.turn = 0;
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Enter") {
      event.preventDefault();
      if (event.shiftKey) this.askEach();
      else if (event.altKey) this.askTracks();
      else if (this.lastQuery && this.lastQuery.text === this.input.value.trim() && this.view.regions.length) this.keep();
      else this.ask();
    }
    if (event.key === "Escape") { this.clear(); this.view.focus(); }
    if (/^Arrow(Up|Down)$/.test(event.key) && this.view.regions.length) {
      event.preventDefault();
      this.choose(this.view.regionIndex + (event.key === "ArrowDown" ? 1 : -1));
    }
  }

  focus() { this.input.focus(); this.input.select(); }

  clear() {
    this.turn += 1;
    this.lastQuery = null;
    this.input.value = "";
    this.results.replaceChildren();
    this.methodButtons.hidden = true;
    this.parts.trackSearch.clear();
    this.view.showRegions([]);
  }

  /** The other ways to ask, said when a person begins to type. */
  showMethods() {
    const way = (title, keys, work) => createElement("button", { type: "button", class: "dx-cure", tabindex: "-1", onmousedown: (event) => event.preventDefault(), onclick: work }, [title, ...keys.map((key) => createElement("kbd", {}, [key]))]);
    this.methodButtons.replaceChildren(way("Each phrase of it", ["Shift", "Enter"], () => this.askEach()), ...(this.session.isVideo() ? [way("Which track", ["Alt", "Enter"], () => this.askTracks())] : []));
    this.methodButtons.hidden = !this.session.doc;
  }

  /** Forgets the answers when another item or frame comes up; the words stay, to be asked again. */
  reset() {
    this.turn += 1;
    this.lastQuery = null;
    this.busy(false);
    this.results.replaceChildren();
    this.view.showRegions([]);
  }

  ask() {
    const { session, view, services } = this, frame = session.isVideo() ? view.frame : undefined;
    return this.runQuery((item, text) => services.api.ground(item, { text, frame }), (text, answer) => this.answered(text, answer, frame));
  }

  /** A caption, phrase by phrase: each gets a colour of its own in the words and on the picture. */
  askEach() {
    const { session, view, services } = this, frame = session.isVideo() ? view.frame : undefined;
    return this.runQuery((item, text) => services.api.ground(item, { text, frame, each: true }), (text, answer) => {
      this.lastQuery = null;
      this.results.replaceChildren(...this.captionGrounding.show(text, answer.phrases || []));
    });
  }

  /** Which track of the video a sentence fits. */
  askTracks() {
    const { session, services, parts } = this;
    if (!session.isVideo()) return this.ask();
    return this.runQuery((item, text) => services.api.find(item, { text }), (text, answer) => parts.trackSearch.answered(text, answer, this.results));
  }

  async runQuery(question, answered) {
    const text = this.input.value.trim(), { session, parts } = this, item = session.doc && session.doc.item.id;
    if (!item) return;
    if (!text) { this.say("Type what to look for, for example “the dog on the left”."); return; }
    const turn = ++this.turn;
    this.busy(true);
    parts.trackSearch.clear();
    try {
      const answer = await question(item, text);
      if (turn === this.turn && session.doc && session.doc.item.id === item) answered(text, answer);
    } catch (failure) {
      if (turn === this.turn) this.say(failure.message, "error");
    } finally {
      if (turn === this.turn) this.busy(false);
    }
  }

  busy(on) {
    this.root.classList.toggle("busy", on);
    this.submitButton.disabled = on;
    if (on) this.say("Looking …");
  }

  say(text, kind = "") { this.results.replaceChildren(createElement("p", { class: `dx-quiet ${kind}` }, [text])); }

  answered(text, answer, frame) {
    this.lastQuery = { text, frame, phrase: answer.phrase || text, several: severalParts(answer) };
    this.ms = answer.ms || {};
    this.note = answer.note || "";
    this.view.showRegions((answer.regions || []).map((region, i) => ({
      box: region.box, score: region.score, label: region.label, project_label: region.project_label, color: "#ffd43b", text: `${i && !severalParts(answer) ? "" : (severalParts(answer) ? region.label : text) + " "}${Math.round(region.score * 100)}%`,
    })));
    if (answer.declined) this.declined(answer); else this.draw();
  }

  /** A phrase that was not understood: nothing is said about the picture, so there is nothing to keep. */
  declined(answer) {
    this.lastQuery = null;
    const each = answer.kind === "choice" ? [createElement("button", { type: "button", class: "dx-link", onclick: () => this.askEach() }, ["Find each thing it names"])] : [];
    this.results.replaceChildren(createElement("p", { class: "dx-quiet declined" }, [answer.declined]), ...each);
  }

  draw() {
    const { regions: answers } = this.view;
    if (!answers.length) {
      this.results.replaceChildren(
        createElement("p", { class: "dx-quiet" }, [this.note || "Nothing here fits this phrase.", " ", this.time()]),
        createElement("button", { type: "button", class: "dx-link", onclick: () => this.keepNone() }, ["Keep it as “there is none”"]));
      return;
    }
    const rows = answers.map((answer, i) => this.row(answer, i));
    this.results.replaceChildren(createElement("p", { class: "dx-quiet" }, [plural(answers.length, "answer"), "  ·  ", this.time()]),
      ...(this.note ? [createElement("p", { class: "dx-quiet" }, [this.note])] : []),
      createElement("div", { class: "dx-answer-rows", role: "listbox", "aria-label": "Answers" }, rows));
  }

  time() {
    const { encode, phrase } = this.ms, words = [];
    if (encode) words.push(`photo ${Math.round(encode)} ms`);
    if (phrase !== undefined) words.push(`phrase ${Math.round(phrase)} ms`);
    return createElement("span", { class: "dx-ms" }, [words.join(" · ")]);
  }

  row(answer, i) {
    const score = Math.round(answer.score * 100), on = i === this.view.regionIndex;
    const bar = createElement("span", { class: "dx-bar", "aria-hidden": "true" }, [createElement("i", { style: { width: `${score}%` } })]);
    const keep = createElement("button", { type: "button", class: "dx-button text small", onclick: (event) => { event.stopPropagation(); this.choose(i); this.keep(); } },
      [answer.kept ? "Kept" : "Keep"]);
    keep.disabled = !!answer.kept;
    return createElement("div", {
      class: `dx-answer ${on ? "on" : ""}`, role: "option", tabindex: "0", "aria-selected": String(on),
      onclick: () => this.choose(i), onfocus: () => this.view.regionIndex === i || this.choose(i),
      onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) { event.stopPropagation(); this.keep(); } },
    }, [createElement("span", { class: "dx-rank" }, [String(i + 1)]), createElement("span", { class: "dx-grow" }, [answer.label || "box"]), bar,
      createElement("span", { class: "dx-score" }, [`${score}%`]), keep]);
  }

  choose(i) {
    const { view } = this, count = view.regions.length;
    if (!count) return;
    view.chooseRegion((i + count) % count);
    this.draw();
  }

  /** Makes the chosen answer an accepted phrase with its box: a box that is already there, or a new one. */
  keep() {
    const { session, view, notices } = this, answer = view.regions[view.regionIndex];
    if (!answer || answer.kept || !this.lastQuery) return;
    const there = matchAt(session.doc, view.frame, answer.box), changes = [];
    let object = there && there.object;
    if (!there) {
      const fresh = this.fresh(answer);
      object = fresh.object;
      changes.push(fresh);
    } else if (there.value.state !== "accepted") changes.push(withState(there, "accepted"));
    const text = this.lastQuery.several ? answer.label : this.lastQuery.phrase;  // of several things each has its own words
    changes.push(this.phraseChange(text, object));
    session.commit(changes, `keep “${text}”`);
    answer.kept = true;
    session.select([object]);
    this.draw();
    notices.undoable(`Kept “${text}”.${unnamed(changes)}`);
  }

  phraseChange(text, object) {
    const { session } = this;
    const known = session.doc.ofKind("phrase").find((p) => p.value.text === text && p.value.state === "accepted");
    if (!known) return newPhrase(text, [object]);
    return changeTo(known, { ...known.value, targets: [...new Set([...known.value.targets, object])] });
  }

  fresh(answer) {
    const { session, view } = this, label = answer.project_label || UNNAMED_LABEL;
    return session.isVideo() ? newTrack(view.frame, answer.box, label) : newBox(answer.box, label);
  }

  keepNone() {
    this.session.commit([newPhrase(this.lastQuery.phrase, [])], "keep a phrase that fits nothing");
    this.notices.undoable(`Kept “${this.lastQuery.phrase}” as a phrase that fits nothing here.`);
    this.clear();
  }
}
