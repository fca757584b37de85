// The review: what still waits for a yes or a no, in an order that stays while a person goes through it.

const waits = (head) => head.value.state === "proposed";

const GONE = Symbol("what they point at is gone");

/** Whether a phrase still waits although everything it points at is gone: nobody can judge it any more. */
const orphaned = (doc, head) => waits(head) && head.value.targets.length > 0 && !head.value.targets.some((target) => doc.get(target));

/** Phrases by the first of their targets that stands; "" holds those that point at nothing, GONE accepted ones of things deleted since. */
export function phrasesByObject(doc) {
  const groups = new Map();
  for (const phrase of doc.all("phrase")) {
    if (orphaned(doc, phrase)) continue;
    const { targets } = phrase.value, first = targets.length ? targets.find((target) => doc.get(target)) || GONE : "";
    if (!groups.has(first)) groups.set(first, []);
    groups.get(first).push(phrase);
  }
  return groups;
}

/** Rows of the list, flat: {kind: "thing"|"phrase"|"title", head, depth}; things in order, each with its phrases. */
export function listRows(doc, filter) {
  if (!doc) return [];
  const groups = phrasesByObject(doc), rows = [];
  const fits = FILTERS[filter];
  for (const thing of doc.things()) {
    const phrases = (groups.get(thing.object) || []).filter(fits);
    if (!fits(thing) && !phrases.length) continue;
    rows.push({ kind: "thing", head: thing, depth: 0 });
    phrases.forEach((head) => rows.push({ kind: "phrase", head, depth: 1 }));
  }
  for (const [key, title] of [["", "Fits nothing here"], [GONE, "What they point at is gone"]]) {
    const loose = (groups.get(key) || []).filter(fits);
    if (loose.length) rows.push({ kind: "title", title });
    loose.forEach((head) => rows.push({ kind: "phrase", head, depth: 1 }));
  }
  return rows;
}

const FILTERS = {
  all: (head) => head.value.state !== "rejected",
  review: waits,
  rejected: (head) => head.value.state === "rejected",
};

/** Everything proposed: the phrases of each thing, and the thing itself once none of its phrases waits. */
export function pendingReview(doc) {
  if (!doc) return [];
  const groups = phrasesByObject(doc), order = [];
  for (const thing of doc.things()) {
    const phrases = (groups.get(thing.object) || []).filter(waits);
    if (phrases.length) order.push(...phrases);
    else if (waits(thing)) order.push(thing);
  }
  return [...order, ...(groups.get("") || []).filter(waits)];
}

/** What comes after `object` in the order of `before` (the list of objects as it was) among what still waits. */
export function nextPending(doc, before, object) {
  const left = pendingReview(doc), waiting = new Map(left.map((head) => [head.object, head]));
  const start = before.indexOf(object);
  const thing = owner(doc, object);
  if (thing && waiting.has(thing)) return waiting.get(thing);
  for (let i = 1; i <= before.length; i++) {
    const next = waiting.get(before[(start + i + before.length) % before.length]);
    if (next) return next;
  }
  return left[0] || null;
}

function owner(doc, object) {
  const head = doc.get(object);
  if (!head || head.kind !== "phrase" || head.value.state === "accepted") return null;
  const first = head.value.targets.find((target) => doc.get(target));
  const more = first && doc.phrasesOf(first).some(waits);
  return more ? null : first;
}

export function counts(doc) {
  const count = { things: 0, phrases: 0, review: pendingReview(doc).length, rejected: 0 };
  if (!doc) return count;
  for (const kind of ["box", "track", "phrase"]) {
    for (const head of doc.all(kind)) {
      if (head.value.state === "rejected") { count.rejected += 1; continue; }
      if (kind !== "phrase" || !orphaned(doc, head)) count[kind === "phrase" ? "phrases" : "things"] += 1;
    }
  }
  return count;
}

/** In words, what a phrase's standing is; for its badge and for those who listen. */
export function statusText(head, checks) {
  const { state, origin, targets } = head.value;
  const who = state === "proposed" ? "proposed" : state;
  if (head.kind !== "phrase") return who;
  const [remark] = checks.of(head);
  const fit = remark ? `, ${remark.message}` : checks.doubted(head) ? ", may fit others too" : targets.length > 1 ? `, ${targets.length} targets` : "";
  return `${who}${origin === "person" ? ", by hand" : ""}${fit}`;
}
