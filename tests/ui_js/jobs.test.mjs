import assert from "node:assert/strict";
import { test } from "node:test";
import { isEnded, JOB_NAMES, longName, shortName, watchJob } from "../../grounding/ui/frontend/kit/jobs.js";

const states = (...list) => async () => { const next = list.shift(); if (next instanceof Error) throw next; return next; };
const soon = { startPause: 0, firstPause: 1, maxPause: 1, onFailure: (error) => { throw error; } };

test("a job is watched until it has ended, each state once", async () => {
  const seen = [], load = states({ state: "queued" }, { state: "running" }, { state: "done" });
  assert.deepEqual(await watchJob(load, { ...soon, onUpdate: (job) => { seen.push(job.state); } }), { state: "done" });
  assert.deepEqual(seen, ["queued", "running", "done"]);
  assert.deepEqual(["running", "queued", "done", "failed", "cancelled", "interrupted"].map((state) => isEnded({ state })), [false, false, true, true, true, true]);
});

test("a known state is told first; false stops the watch; the next look waits for the update", async () => {
  let looks = 0, busy = false;
  const load = async () => { assert.equal(busy, false); looks += 1; return { state: "running", done: looks }; };
  const onUpdate = async (job) => { busy = true; await new Promise((resolve) => setTimeout(resolve, 3)); busy = false; return job.done < 3; };
  assert.deepEqual(await watchJob(load, { ...soon, first: { state: "running", done: 0 }, onUpdate }), { state: "running", done: 3 });
  assert.deepEqual(await watchJob(load, { ...soon, first: { state: "done" }, onUpdate: () => null }), { state: "done" });
  assert.equal(looks, 3);
});

test("failures are counted in a row and answered by who watches", async () => {
  const counts = [], onFailure = (error, last, misses) => { counts.push([misses, last && last.state]); return misses > 1 ? { state: "failed", error: error.message } : last; };
  const load = states(new Error("a"), { state: "running" }, new Error("b"), new Error("c"));
  assert.deepEqual(await watchJob(load, { ...soon, onFailure, onUpdate: () => null }), { state: "failed", error: "c" });
  assert.deepEqual(counts, [[1, null], [1, "running"], [2, "running"]]);
  await assert.rejects(watchJob(states(new Error("d")), { ...soon, onUpdate: () => null }), /d/);
});

test("every kind of job has a name in the editor; on the page some are only work", () => {
  for (const kind of Object.keys(JOB_NAMES)) assert.ok(longName(kind) && shortName(kind));
  assert.deepEqual([longName("else"), shortName("else"), shortName("follow_box")], ["", "Working", "Working"]);
});
