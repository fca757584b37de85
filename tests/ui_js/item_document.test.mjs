import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptChanges, newBox, newPhrase, relabelled, removeAnnotations, withBoxAt, withState } from "../../grounding/ui/frontend/document/edits.js";
import { ItemDocument } from "../../grounding/ui/frontend/document/item_document.js";
import { counts, listRows, nextPending, pendingReview } from "../../grounding/ui/frontend/document/review_queue.js";

const item = (annotations = []) => ({ id: "i1", name: "photo.jpg", kind: "photo", width: 100, height: 80, revision: 3, annotations });
const said = (id, kind, value, author = "model:ssd@1") => ({ id, object: id, kind, value, author, replaces: [] });
const box = (id, state = "proposed") => said(id, "box", { box: [1, 2, 30, 40], label: "dog", score: 0.8, state });
const phrase = (id, targets, state = "proposed") => said(id, "phrase", { text: id, targets, state, origin: "template" });

function opened(annotations = []) {
  const sent = [];
  return { sent, doc: new ItemDocument(item(annotations), (entry) => sent.push(entry)) };
}
const values = (doc) => JSON.stringify([...doc.annotations.values()].filter((h) => h.value).map((h) => [h.object, h.value]).sort());

test("a new thing is its own object, and an edit replaces the version before", () => {
  const { doc, sent } = opened();
  doc.commit([newBox([1, 2, 3, 4], "dog")]);
  const [first] = sent[0].annotations;
  assert.equal(first.id, first.object);
  assert.deepEqual(first.replaces, []);
  doc.commit([relabelled(doc.get(first.object), "cat")]);
  const [second] = sent[1].annotations;
  assert.equal(second.object, first.object);
  assert.deepEqual(second.replaces, [first.id]);
  assert.equal(sent[1].item, "i1");
});

test("undoing is itself an edit that is sent", () => {
  const { doc, sent } = opened();
  doc.commit([newBox([1, 2, 3, 4], "dog")]);
  doc.undo();
  assert.equal(sent.length, 2);
  assert.equal(sent[1].annotations[0].value, null);
  assert.deepEqual(sent[1].annotations[0].replaces, [sent[0].annotations[0].id]);
  doc.redo();
  assert.deepEqual(sent[2].annotations[0].replaces, [sent[1].annotations[0].id]);
  assert.equal(doc.ofKind("box").length, 1);
});

test("n steps back and n forward change nothing, whatever the steps were", () => {
  let seed = 7;
  const pick = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
  for (let round = 0; round < 40; round++) {
    const { doc } = opened([box("a"), box("b"), phrase("p", ["a", "b"]), phrase("q", ["b"])]);
    const start = values(doc), states = [];
    for (let i = 0; i < 25; i++) {
      const things = doc.objects(), head = things.length ? things[pick(things.length)] : null;
      const gestures = [() => [newBox([pick(50), 1, 60, 70], "cat")], () => head && [withBoxAt(head, [pick(9), 2, 30 + pick(9), 40], 0)],
        () => head && [relabelled(head, "l" + pick(5))], () => head && removeAnnotations(doc, [head], { reject: pick(2) === 0 }),
        () => head && acceptChanges(doc, head), () => head && [newPhrase("x" + i, [head.object])]];
      const changes = gestures[pick(gestures.length)]();
      if (changes && doc.commit(changes)) states.push(values(doc));
    }
    const end = values(doc);
    for (let i = states.length - 1; i >= 0; i--) { assert.equal(values(doc), states[i]); doc.undo(); }
    assert.equal(values(doc), start);
    assert.equal(doc.undo(), null);
    states.forEach(() => doc.redo());
    assert.equal(values(doc), end);
  }
});

test("what someone else changed leaves the history; the rest stays in it", () => {
  const { doc } = opened([box("a"), box("b")]);
  doc.commit([relabelled(doc.get("a"), "cat")]);
  doc.commit([relabelled(doc.get("b"), "cow")]);
  const mine = doc.get("b");
  doc.load([{ ...box("a"), id: "a9", replaces: ["x"], value: { ...box("a").value, label: "theirs" } }, mine], []);
  doc.undo();
  assert.equal(doc.get("b").value.label, "dog");
  assert.equal(doc.undo(), null);
  assert.equal(doc.get("a").value.label, "theirs");
});

test("edits that wait to be saved stand above what the server says", () => {
  const { doc, sent } = opened([box("a")]);
  doc.commit([relabelled(doc.get("a"), "cat")]);
  doc.load([box("a")], sent);
  assert.equal(doc.get("a").value.label, "cat");
});

test("accepting a phrase accepts the boxes it names, in one step", () => {
  const { doc, sent } = opened([box("a"), phrase("p", ["a"])]);
  doc.commit(acceptChanges(doc, doc.get("p")));
  assert.deepEqual([doc.get("a").value.state, doc.get("p").value.state], ["accepted", "accepted"]);
  assert.equal(sent.length, 1);
  doc.undo();
  assert.deepEqual([doc.get("a").value.state, doc.get("p").value.state], ["proposed", "proposed"]);
});

test("deleting a box takes its phrases, shortens those with other targets, and keeps a model's proposal as rejected", () => {
  const { doc } = opened([box("a"), box("b"), phrase("p", ["a"]), phrase("both", ["a", "b"])]);
  doc.commit([newPhrase("mine", ["a"])]);
  const mine = doc.ofKind("phrase").find((head) => head.value.text === "mine").object;
  doc.commit(removeAnnotations(doc, [doc.get("a")]));
  assert.equal(doc.get("a").value.state, "rejected");
  assert.equal(doc.get("p").value.state, "rejected");
  assert.deepEqual(doc.get("both").value.targets, ["b"]);
  assert.equal(doc.get(mine), null);
});

test("the review goes through phrases first, then through things whose phrases were all refused", () => {
  const { doc } = opened([box("a"), box("b", "accepted"), phrase("p", ["a"]), phrase("q", ["b"]), phrase("none", [])]);
  const order = () => pendingReview(doc).map((head) => head.object);
  assert.deepEqual(order(), ["p", "q", "none"]);
  const before = order();
  doc.commit([withState(doc.get("p"), "rejected")]);
  assert.equal(nextPending(doc, before, "p").object, "a");
  doc.commit(removeAnnotations(doc, [doc.get("a")], { reject: true }));
  assert.equal(nextPending(doc, before, "a").object, "q");
});

test("the list holds each phrase under its first target, and those without one at the end", () => {
  const { doc } = opened([box("a"), box("b"), phrase("p", ["b", "a"]), phrase("none", [])]);
  assert.deepEqual(listRows(doc, "all").map((row) => (row.annotation ? row.annotation.object : row.title)), ["a", "b", "p", "Fits nothing here", "none"]);
  assert.deepEqual(counts(doc), { objects: 2, phrases: 2, review: 3, rejected: 0 });
});
