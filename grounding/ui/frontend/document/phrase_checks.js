// Phrase checks: which phrases do not agree with their boxes, asked of the server a moment after something changed.

import { candidatesAt } from "./object_match.js";

/** @typedef {import("../editor/context.js").Context} Context */

const PAUSE = 350, MAX_OBJECTS = 2000, MAX_PHRASES = 500;
/** Kinds that say only how many others a phrase fits: shown as a badge, the rest as a sentence. */
const COUNTING = new Set(["ambiguous", "forgotten"]);

export const isAmbiguityCount = (check) => COUNTING.has(check.kind);
const keyOf = (annotation) => JSON.stringify([annotation.value.text, annotation.value.targets]);

export class PhraseChecks {
  /**
   * `onChange(turn)` hears when other results are there.
   * @param {Pick<Context, "session" | "view" | "services">} context
   */
  constructor({ session, view, services }, onChange) {
    this.session = session;
    this.view = view;
    this.services = services;
    this.onChange = onChange;
    this.results = new Map();
    this.turn = 0;
    this.timer = 0;
  }

  /** What does not agree about a phrase: [{kind, message, fits, cures}]; [] while it is not known. */
  checksOf(annotation) {
    const found = annotation && annotation.kind === "phrase" && this.results.get(annotation.object);
    return (found && found.key === keyOf(annotation) && found.checks) || [];
  }

  /** Whether a model called its phrase ambiguous, and nobody knows better. */
  isUnsure(annotation) {
    const { unique, origin, targets, state } = annotation.value;
    return unique === false && origin !== "person" && targets.length < 2 && state !== "rejected" && !this.isChecked(annotation);
  }

  isChecked(annotation) {
    const found = this.results.get(annotation.object);
    return !!found && found.key === keyOf(annotation) && found.checks !== null;
  }

  /** The check that a phrase fits others too, or null. */
  ambiguity(annotation) {
    const found = annotation.value.state === "rejected" ? null : this.checksOf(annotation).find(isAmbiguityCount);
    return found || null;
  }

  /** What a sentence is to be said about; a phrase that nobody wrote is not told "you wrote". */
  messages(annotation) {
    return this.checksOf(annotation).filter((check) => !isAmbiguityCount(check)).map((check) => ({ ...check, message: spoken(check, annotation) }));
  }

  /** The first fix of a phrase, or null. */
  firstFix(annotation) { return this.checksOf(annotation).flatMap((check) => check.cures)[0] || null; }

  schedule() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), PAUSE);
  }

  async run() {
    const { session, view, services } = this, { doc } = session;
    if (!doc || (session.isVideo() && view.player.playingNow)) return;
    const phrases = doc.ofKind("phrase").filter((annotation) => annotation.value.state !== "rejected").slice(0, MAX_PHRASES);
    const body = this.body(phrases.map((annotation) => ({ text: annotation.value.text, targets: annotation.value.targets })));
    const asked = JSON.stringify([doc.item.id, body]), turn = ++this.turn;
    if (asked === this.lastRequest) return;
    try {
      const answer = phrases.length ? await services.api.check(doc.item.id, body) : { phrases: [] };
      if (turn !== this.turn || doc !== session.doc) return;
      this.lastRequest = asked;
      this.results = new Map(phrases.map((annotation, i) => [annotation.object, { key: JSON.stringify([body.phrases[i].text, body.phrases[i].targets]), checks: answer.phrases[i] }]));
      this.onChange(turn);
    } catch (failure) {
      console.debug("phrases could not be checked:", failure.message);
    }
  }

  /** What does not agree about words that are being written; [] where the server does not say. */
  async checkText(text, targets) {
    try {
      return text ? (await this.services.api.check(this.session.doc.item.id, this.body([{ text, targets }]))).phrases[0] || [] : [];
    } catch (failure) {
      console.debug("the phrase could not be checked:", failure.message);
      return [];
    }
  }

  body(phrases) {
    const { session, view } = this, { doc } = session;
    const seen = candidatesAt(doc, view.frame).slice(0, MAX_OBJECTS).map(({ annotation, object, box }) => ({ object, label: annotation.value.label, box, score: annotation.value.score }));
    return { things: seen, phrases, frame: session.isVideo() ? view.frame : undefined };
  }
}

const spoken = (check, annotation) => (annotation.value.origin === "person" ? check.message : check.message.replace(/^you wrote/, "it says"));

/** A fix as a button says it. */
export const fixLabel = (fix) => (fix.text !== undefined ? `“${fix.text}”` : fix.targets.length > 1 ? `Point at these ${fix.targets.length}` : "Point at the other box");
