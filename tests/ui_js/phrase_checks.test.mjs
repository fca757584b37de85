import "./browser.mjs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { EditSession } from "../../grounding/ui/frontend/document/edit_session.js";
import { acceptChanges, retargeted, rewritten } from "../../grounding/ui/frontend/document/edits.js";
import { ItemDocument } from "../../grounding/ui/frontend/document/item_document.js";
import { fixLabel, PhraseChecks } from "../../grounding/ui/frontend/document/phrase_checks.js";
import { PhraseTemplates } from "../../grounding/ui/frontend/document/phrase_templates.js";
import { counts, listRows, pendingReview, statusText } from "../../grounding/ui/frontend/document/review_queue.js";
import { withCheckRows } from "../../grounding/ui/frontend/panel/check_rows.js";

const said = (id, kind, value) => ({ id, object: id, kind, value, author: "model:x@1", replaces: [] });
const box = (id, x = 0) => said(id, "box", { box: [x, 0, x + 10, 10], label: "dog", score: 0.8, state: "proposed" });
const track = (id, state = "proposed") => said(id, "track", { label: "dog", caption: "", state, score: 0.8, keyframes: [{ frame: 0, box: [0, 0, 9, 9], outside: false }] });
const phrase = (id, targets, more = {}) => said(id, "phrase", { text: id, targets, state: "proposed", origin: "template", rule: "place noun dog left", ...more });

function editor(annotations, remarks) {
  const doc = new ItemDocument({ id: "i", annotations }, () => null), asked = [];
  const session = Object.assign(new EditSession(), { doc }), view = { frame: 0 }, changes = [];
  const services = { api: { check: async (item, body) => { asked.push(body); return { phrases: body.phrases.map((p) => remarks[p.text] ?? []) }; } } };
  services.checks = new PhraseChecks({ session, view, services }, (turn) => changes.push(turn));
  return { session, services, checks: services.checks, doc, asked, changes };
}
const wrong = { kind: "place", message: "you wrote left, the box is the right-most one", fits: ["b"], cures: [{ text: "right dog" }, { targets: ["b"] }] };
const vague = { kind: "ambiguous", message: "fits 1 other", fits: ["b"], cures: [] };

test("remarks come as a badge or as a sentence below the phrase, and the first cure is at hand", async () => {
  const { checks, services, doc, asked, changes } = editor([box("a"), box("b", 20), phrase("left dog", ["a"]), phrase("dog", ["a"])], { "left dog": [wrong], dog: [vague] });
  await checks.run();
  assert.equal(asked[0].things.length, 2);
  const rows = withCheckRows(listRows(doc, "all"), { services }).map((row) => row.kind);
  assert.deepEqual(rows, ["object", "phrase", "check", "fixes", "phrase", "object"]);
  assert.deepEqual(checks.ambiguity(doc.get("dog")), vague);
  assert.equal(checks.ambiguity(doc.get("left dog")), null);
  assert.equal(checks.messages(doc.get("left dog"))[0].message, "it says left, the box is the right-most one");
  assert.equal(checks.firstFix(doc.get("left dog")).text, "right dog");
  assert.equal(statusText(doc.get("dog"), checks), "proposed, fits 1 other");
  await checks.run();
  assert.equal(asked.length, 1, "nothing changed, nothing is asked");
  assert.equal(changes.length, 1);
});

test("what was said of other words or other boxes is not said of these", async () => {
  const { checks, services, doc } = editor([box("a"), box("b", 20), phrase("dog", ["a"])], { dog: [vague] });
  await checks.run();
  doc.commit([{ object: "dog", kind: "phrase", before: doc.get("dog").value, after: { ...doc.get("dog").value, targets: ["b"] } }]);
  assert.deepEqual(checks.checksOf(doc.get("dog")), []);
});

test("a model's doubt stands until somebody knows better", async () => {
  const { checks, services, doc } = editor([box("a"), phrase("dog", ["a"], { unique: false }), phrase("odd", ["a"], { unique: false })], { odd: null });
  assert.equal(checks.isUnsure(doc.get("dog")), true);
  services.api.check = async (item, body) => ({ phrases: body.phrases.map((p) => (p.text === "odd" ? null : [])) });
  await checks.run();
  assert.equal(checks.isUnsure(doc.get("dog")), false);
  assert.equal(checks.isUnsure(doc.get("odd")), true);
});

test("a server that does not answer changes nothing", async () => {
  const { checks, services, doc } = editor([box("a"), phrase("dog", ["a"])], {});
  services.api.check = async () => { throw new Error("gone"); };
  await checks.run();
  assert.deepEqual(checks.checksOf(doc.get("dog")), []);
  assert.deepEqual(await checks.checkText("dog", ["a"]), []);
});

test("mended words keep the rule they came from, and other boxes are accepted with them", () => {
  const { doc } = editor([box("a"), box("b", 20), phrase("left dog", ["a"])], {});
  const [words] = rewritten(doc, doc.get("left dog"), "right dog");
  assert.deepEqual([words.after.text, words.after.origin, words.after.rule, words.after.state], ["right dog", "person", "place noun dog left", "accepted"]);
  const changes = retargeted(doc, doc.get("left dog"), ["b"]);
  assert.deepEqual(changes.map((c) => [c.object, c.after.state]), [["left dog", "accepted"], ["b", "accepted"]]);
  assert.deepEqual(changes[0].after.targets, ["b"]);
});

test("to review counts the decisions that are left, of boxes and of tracks alike", () => {
  for (const make of [box, track]) {
    const { doc } = editor([make("a"), make("b"), phrase("p", ["a"]), phrase("q", ["a"]), phrase("both", ["b", "a"]), phrase("none", [])], {});
    assert.equal(counts(doc).review, 4);
    doc.commit(acceptChanges(doc, doc.get("p")));
    assert.deepEqual(pendingReview(doc).map((head) => head.object), ["q", "both", "none"]);
    doc.commit(acceptChanges(doc, doc.get("both")));
    assert.equal(counts(doc).review, 2);
    assert.equal(doc.get("b").value.state, "accepted");
  }
});

test("a phrase of something that was deleted waits for nobody", () => {
  const { doc } = editor([track("a", "accepted"), phrase("p", ["gone"]), phrase("q", ["a"])], {});
  assert.deepEqual(pendingReview(doc).map((head) => head.object).sort(), ["q"]);
  assert.deepEqual(counts(doc), { objects: 1, phrases: 1, review: 1, rejected: 0 });
  assert.deepEqual(listRows(doc, "all").map((row) => row.annotation.object), ["a", "q"]);
  doc.commit(acceptChanges(doc, doc.get("q")));
  doc.commit([{ object: "a", kind: "track", before: doc.get("a").value, after: null }]);
  assert.deepEqual(listRows(doc, "all").map((row) => row.title || row.annotation.object), ["What they point at is gone", "q"]);
});

test("the third rejection of a template brings one offer", () => {
  const offers = [], notices = { toasts: { say: (text, { action }) => offers.push([text, action[0]]) } };
  const templates = new PhraseTemplates({ session: new EditSession(), notices, services: {} }, () => null), head = phrase("p", []);
  templates.known = [{ name: "place noun", example: "the left dog", off: false }, { name: "noun", example: "the dog", off: false }];
  assert.equal(templates.templateOf(head).name, "place noun");
  for (let i = 0; i < 5; i++) templates.rejected(head);
  assert.deepEqual(offers, [["You rejected 3 phrases like “the left dog”.", "Propose no more of them"]]);
  templates.rejected(phrase("other", [], { rule: "what it does" }));
});

test("a cure is a button in words", () => {
  assert.deepEqual([{ text: "a" }, { targets: ["x"] }, { targets: ["x", "y"] }].map(fixLabel), ["“a”", "Point at the other box", "Point at these 2"]);
});
