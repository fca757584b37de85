import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EditSession } from "../../grounding/ui/frontend/document/edit_session.js";
import { ItemDocument } from "../../grounding/ui/frontend/document/item_document.js";

const annotation = (id, kind, value) => ({ id, object: id, kind, value, author: "model:x@1", replaces: [] });
const box = (id, state = "accepted", more = {}) => annotation(id, "box", { box: [0, 0, 10, 10], label: "dog", score: 1, state, ...more });
const phrase = (id, targets, state = "proposed") => annotation(id, "phrase", { text: id, targets, state, origin: "template", rule: "", unique: true, score: 1 });

function sessionOf(annotations, callbacks = {}) {
  const session = new EditSession(callbacks), heard = [];
  session.doc = new ItemDocument({ id: "i", kind: "photo", annotations }, () => null);
  for (const event of ["selection", "commit", "document", "label", "labels", "hidden"]) session.on(event, (detail) => heard.push(detail ? [event, detail] : event));
  return { session, heard };
}

test("a selection holds what stands; alone, an object brings up what waits of it", () => {
  const { session, heard } = sessionOf([box("a"), box("b", "proposed"), phrase("p", ["a"])]);
  session.select(["a", "gone"]);
  assert.deepEqual([session.selection, session.activeId, session.isPhraseActive], [["a"], "p", false]);
  session.select(["b"], { reveal: true });
  assert.equal(session.activeId, "b");
  session.toggleSelected("a");
  assert.deepEqual([session.selection, session.activeId], [["b", "a"], null]);
  assert.deepEqual(heard.map(([, how]) => how), [{ reveal: false, stay: false }, { reveal: true, stay: false }, { reveal: false, stay: false }]);
});

test("an active phrase selects what it refers to, and is under review while it waits", () => {
  const { session } = sessionOf([box("a"), box("b"), phrase("p", ["b", "gone"]), phrase("q", ["a"], "accepted")]);
  session.activate(session.doc.get("p"));
  assert.deepEqual([session.selection, session.currentId(), session.isPhraseActive], [["b"], "p", true]);
  assert.equal(session.underReview().object, "p");
  session.activate(session.doc.get("q"));
  assert.equal(session.underReview(), null);
});

test("a running nudge ends before anything else is selected", () => {
  const order = [];
  const { session } = sessionOf([box("a")], { settle: () => order.push(`settled with ${session.selection}`) });
  session.select(["a"]);
  session.activate(session.doc.get("a"));
  assert.deepEqual(order, ["settled with ", "settled with a"]);
});

test("what is locked or followed is not changed, and the reason is said", () => {
  const said = [], { session } = sessionOf([box("a", "accepted", { locked: true }), box("b"), box("c")], { isFollowing: (object) => object === "b", say: (text) => said.push(text) });
  const all = session.doc.ofKind("box");
  assert.deepEqual(all.map((one) => session.checkEditable([one])), [false, false, true]);
  assert.match(said[0], /locked/);
  assert.match(said[1], /followed/);
  session.select(["a"]);
  session.setLabel("cat");
  assert.equal(session.doc.get("a").value.label, "dog");
  session.select(["c"]);
  session.setLabel("cat");
  assert.equal(session.doc.get("c").value.label, "cat");
});

test("what is gone from the document is selected no longer", () => {
  const { session, heard } = sessionOf([box("a", "proposed"), box("b")]);
  session.doc.onChange(() => session.documentChanged());
  session.select(["a"]);
  assert.equal(session.commit([{ object: "a", kind: "box", before: session.doc.get("a").value, after: null }], "delete"), true);
  assert.deepEqual([session.selection, session.activeId], [[], null]);
  assert.deepEqual(heard.slice(1), ["document", "commit"]);
  assert.equal(session.commit([], "nothing"), false);
});

test("a closed document leaves project, labels and person as they were", () => {
  const { session } = sessionOf([box("a")]);
  session.setLabels([{ name: "dog", color: "#ff0000" }]);
  session.project = "p";
  session.setHidden(["a"], true);
  session.select(["a"]);
  let closed = 0;
  session.on("close", () => { closed += 1; });
  session.closeDocument();
  assert.equal(closed, 1);
  assert.deepEqual([session.doc, session.selection, session.hidden.size, session.project, session.label, session.colorOf("dog")], [null, [], 0, "p", "dog", "#ff0000"]);
  assert.equal(session.commit([{}], "x"), false);
});
