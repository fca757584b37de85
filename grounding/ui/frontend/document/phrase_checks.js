// Checks: which phrases do not agree with their boxes, asked of the server a moment after something changed; nothing waits for it.

const PAUSE = 350, MOST_THINGS = 2000, MOST_PHRASES = 500;
/** Kinds that say only how many others a phrase fits: shown as a badge, the rest as a sentence. */
const COUNTING = new Set(["ambiguous", "forgotten"]);

export const isAmbiguityCount = (remark) => COUNTING.has(remark.kind);
const keyOf = (head) => JSON.stringify([head.value.text, head.value.targets]);

export class PhraseChecks {
  /** `onChange(turn)` hears when other results are there. */
  constructor({ session, view, services }, onChange) {
    this.session = session;
    this.view = view;
    this.services = services;
    this.onChange = onChange;
    this.said = new Map();
    this.turn = 0;
    this.timer = 0;
  }

  /** What does not agree about a phrase: [{kind, message, fits, cures}]; [] while it is not known. */
  of(head) {
    const found = head && head.kind === "phrase" && this.said.get(head.object);
    return (found && found.key === keyOf(head) && found.remarks) || [];
  }

  /** Whether a model called its phrase ambiguous, and nobody knows better. */
  doubted(head) {
    const { unique, origin, targets, state } = head.value;
    return unique === false && origin !== "person" && targets.length < 2 && state !== "rejected" && !this.judged(head);
  }

  judged(head) {
    const found = this.said.get(head.object);
    return !!found && found.key === keyOf(head) && found.remarks !== null;
  }

  /** The remark that a phrase fits others too, or null. */
  badge(head) {
    const found = head.value.state === "rejected" ? null : this.of(head).find(isAmbiguityCount);
    return found || null;
  }

  /** What a sentence is to be said about; a phrase that nobody wrote is not told "you wrote". */
  sentences(head) {
    return this.of(head).filter((remark) => !isAmbiguityCount(remark)).map((remark) => ({ ...remark, message: spoken(remark, head) }));
  }

  /** The first cure of a phrase, or null. */
  cure(head) { return this.of(head).flatMap((remark) => remark.cures)[0] || null; }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE);
  }

  async now() {
    const { session, view, services } = this, { doc } = session;
    if (!doc || (session.isVideo() && view.player.playingNow)) return;
    const phrases = doc.all("phrase").filter((head) => head.value.state !== "rejected").slice(0, MOST_PHRASES);
    const body = this.body(phrases.map((head) => ({ text: head.value.text, targets: head.value.targets })));
    const asked = JSON.stringify([doc.item.id, body]), turn = ++this.turn;
    if (asked === this.asked) return;
    try {
      const answer = phrases.length ? await services.api.check(doc.item.id, body) : { phrases: [] };
      if (turn !== this.turn || doc !== session.doc) return;
      this.asked = asked;
      this.said = new Map(phrases.map((head, i) => [head.object, { key: JSON.stringify([body.phrases[i].text, body.phrases[i].targets]), remarks: answer.phrases[i] }]));
      this.onChange(turn);
    } catch (failure) {
      console.debug("phrases could not be checked:", failure.message);
    }
  }

  /** What does not agree about words that are being written; [] where the server does not say. */
  async ask(text, targets) {
    try {
      return text ? (await this.services.api.check(this.session.doc.item.id, this.body([{ text, targets }]))).phrases[0] || [] : [];
    } catch (failure) {
      console.debug("the phrase could not be checked:", failure.message);
      return [];
    }
  }

  body(phrases) {
    const { session, view } = this, { doc } = session;
    const things = doc.things().filter((head) => head.value.state !== "rejected").map((head) => ({ head, box: doc.boxOf(head, view.frame) }));
    const seen = things.filter(({ box }) => box).slice(0, MOST_THINGS).map(({ head, box }) => ({ object: head.object, label: head.value.label, box, score: head.value.score }));
    return { things: seen, phrases, frame: session.isVideo() ? view.frame : undefined };
  }
}

const spoken = (remark, head) => (head.value.origin === "person" ? remark.message : remark.message.replace(/^you wrote/, "it says"));

/** A cure as a button says it. */
export const fixLabel = (cure) => (cure.text !== undefined ? `“${cure.text}”` : cure.targets.length > 1 ? `Point at these ${cure.targets.length}` : "Point at the other box");
