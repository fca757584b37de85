// The review queue: what waits for accept or reject, in an order that stays while a person goes through it.

/**
 * @typedef {import("./types.js").Annotation} Annotation
 * @typedef {import("./item_document.js").ItemDocument} ItemDocument
 * @typedef {import("./types.js").Kind} Kind
 * @typedef {import("./types.js").PhraseCheck} PhraseCheck
 */

/** @param {Annotation} annotation */
const waits = (annotation) => annotation.value.state === "proposed";

const GONE = Symbol("what they point at is gone");

/**
 * Whether a phrase still waits although everything it points at is gone: nobody can judge it any more.
 * @param {ItemDocument} doc
 * @param {Annotation} annotation
 */
const orphaned = (doc, annotation) => waits(annotation) && annotation.value.targets.length > 0 && !annotation.value.targets.some((/** @type {string} */ target) => doc.get(target));

/**
 * Phrases by the first of their targets that stands; "" holds those that point at nothing, GONE accepted ones of objects deleted since.
 * @param {ItemDocument} doc
 */
export function phrasesByObject(doc) {
  /** @type {Map<any, Annotation[]>} */
  const groups = new Map();
  for (const phrase of doc.ofKind("phrase")) {
    if (orphaned(doc, phrase)) continue;
    const { targets } = phrase.value, first = targets.length ? targets.find((/** @type {string} */ target) => doc.get(target)) || GONE : "";
    if (!groups.has(first)) groups.set(first, []);
    groups.get(first).push(phrase);
  }
  return groups;
}

/**
 * Rows of the list, flat: {kind: "object"|"phrase"|"title", annotation, depth}; objects in order, each with its phrases.
 * @param {ItemDocument | null} doc
 * @param {string} filter
 */
export function listRows(doc, filter) {
  if (!doc) return [];
  const groups = phrasesByObject(doc);
  /** @type {{kind: string, annotation?: Annotation, depth?: number, title?: any}[]} */
  const rows = [];
  const fits = FILTERS[filter];
  for (const object of doc.objects()) {
    const phrases = (groups.get(object.object) || []).filter(fits);
    if (!fits(object) && !phrases.length) continue;
    rows.push({ kind: "object", annotation: object, depth: 0 });
    phrases.forEach((annotation) => rows.push({ kind: "phrase", annotation, depth: 1 }));
  }
  for (const [key, title] of [["", "Fits nothing here"], [GONE, "What they point at is gone"]]) {
    const loose = (groups.get(key) || []).filter(fits);
    if (loose.length) rows.push({ kind: "title", title });
    loose.forEach((annotation) => rows.push({ kind: "phrase", annotation, depth: 1 }));
  }
  return rows;
}

/** @type {Record<string, (annotation: Annotation) => boolean>} */
const FILTERS = {
  all: (annotation) => annotation.value.state !== "rejected",
  review: waits,
  rejected: (annotation) => annotation.value.state === "rejected",
};

/**
 * Everything proposed: the phrases of each object, and the object itself once none of its phrases waits.
 * @param {ItemDocument | null} doc
 */
export function pendingReview(doc) {
  if (!doc) return [];
  const groups = phrasesByObject(doc), order = [];
  for (const object of doc.objects()) {
    const phrases = (groups.get(object.object) || []).filter(waits);
    if (phrases.length) order.push(...phrases);
    else if (waits(object)) order.push(object);
  }
  return [...order, ...(groups.get("") || []).filter(waits)];
}

/**
 * What comes after `object` in the order of `before` (the list of objects as it was) among what still waits.
 * @param {ItemDocument} doc
 * @param {string[]} before
 * @param {string} object
 */
export function nextPending(doc, before, object) {
  const left = pendingReview(doc), waiting = new Map(left.map((annotation) => [annotation.object, annotation]));
  const start = before.indexOf(object);
  const target = owner(doc, object);
  if (target && waiting.has(target)) return waiting.get(target);
  for (let i = 1; i <= before.length; i++) {
    const next = waiting.get(before[(start + i + before.length) % before.length]);
    if (next) return next;
  }
  return left[0] || null;
}

/**
 * @param {ItemDocument} doc
 * @param {string} object
 */
function owner(doc, object) {
  const annotation = doc.get(object);
  if (!annotation || annotation.kind !== "phrase" || annotation.value.state === "accepted") return null;
  const first = annotation.value.targets.find((/** @type {string} */ target) => doc.get(target));
  const more = first && doc.phrasesOf(first).some(waits);
  return more ? null : first;
}

/** @param {ItemDocument | null} doc */
export function counts(doc) {
  const count = { objects: 0, phrases: 0, review: pendingReview(doc).length, rejected: 0 };
  if (!doc) return count;
  for (const kind of /** @type {Kind[]} */ (["box", "track", "phrase"])) {
    for (const annotation of doc.ofKind(kind)) {
      if (annotation.value.state === "rejected") { count.rejected += 1; continue; }
      if (kind !== "phrase" || !orphaned(doc, annotation)) count[kind === "phrase" ? "phrases" : "objects"] += 1;
    }
  }
  return count;
}

/**
 * In words, what a phrase's standing is; for its badge and for those who listen.
 * @param {Annotation} annotation
 * @param {{checksOf: (phrase: Annotation) => PhraseCheck[], isUnsure: (phrase: Annotation) => boolean}} checks
 */
export function statusText(annotation, checks) {
  const { state, origin, targets } = annotation.value;
  const who = state === "proposed" ? "proposed" : state;
  if (annotation.kind !== "phrase") return who;
  const [check] = checks.checksOf(annotation);
  const fit = check ? `, ${check.message}` : checks.isUnsure(annotation) ? ", may fit others too" : targets.length > 1 ? `, ${targets.length} targets` : "";
  return `${who}${origin === "person" ? ", by hand" : ""}${fit}`;
}
