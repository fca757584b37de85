import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Failure } from "../../grounding/ui/frontend/kit/api.js";

async function failureOf(answer, options) {
  const before = globalThis.fetch;
  globalThis.fetch = answer;
  try {
    return await new Api("", options).projects().then(() => null, (failure) => failure);
  } finally {
    globalThis.fetch = before;
  }
}
const reply = (status, body) => async () => new Response(body, { status });

test("a failed request says the server's sentence, else ours for the status", async () => {
  assert.equal((await failureOf(reply(400, '{"error": "no such label"}'))).message, "no such label");
  assert.equal((await failureOf(reply(409, "{}"))).message, "Someone else changed this meanwhile.");
  assert.match((await failureOf(reply(502, "<html>"))).message, /502/);
  const gone = await failureOf(async () => { throw new TypeError("refused"); });
  assert.ok(gone instanceof Failure && gone.offline && gone.passing);
  assert.equal(gone.message, "The server cannot be reached.");
});

test("the widgets' calls have sentences of their own, no time limit, and name nobody", async () => {
  let sent = null;
  const sentences = { byStatus: {}, other: (status) => `answered ${status}`, unreachable: "silent", cutOff: "", stopped: "" };
  assert.equal((await failureOf(async (url, options) => { sent = options.headers; return new Response("", { status: 500 }); }, { timeout: 0, person: null, sentences })).message, "answered 500");
  assert.deepEqual(sent, {});
  assert.equal((await failureOf(async () => { throw new TypeError("refused"); }, { sentences })).message, "silent");
  await failureOf(async (url, options) => { sent = options.headers; return new Response("[]", { status: 200 }); }, { person: "Zoë" });
  assert.deepEqual(sent, { "X-Deixis-Person": "Zo%C3%AB" });
});
