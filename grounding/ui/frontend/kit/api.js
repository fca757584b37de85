// The REST routes, as calls that answer or throw a Failure with one plain sentence.

/** @typedef {{signal?: AbortSignal | null, keepalive?: boolean, timeout?: number}} CallOptions */

/** What went wrong with a request: `status` 0 when the server could not be reached. */
export class Failure extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {any} body
   */
  constructor(status, message, body = null) {
    super(message);
    this.status = status;
    this.body = body;
  }
  get offline() { return this.status === 0; }
  get passing() { return this.status === 0 || this.status >= 500 || this.status === 408 || this.status === 429; }
  get signedOut() { return this.status === 401 || this.status === 403; }
}

/** @type {Record<number, string>} */
const BY_STATUS = {
  400: "The server did not accept this.", 401: "You are signed out. Sign in again in another tab.",
  403: "You may not change this project.", 404: "This is no longer there.", 409: "Someone else changed this meanwhile.",
  413: "This is larger than the server takes.", 422: "The server did not accept this.", 429: "The server asks for a pause.",
};

/** What a person reads of a request that failed, where the server itself says nothing. */
const SENTENCES = {
  byStatus: BY_STATUS, other: (/** @type {number} */ status) => `The server failed (${status}). Nothing is lost; it is tried again.`, unreachable: "The server cannot be reached.",
  cutOff: "The upload was cut off. Drop the files again; what arrived is kept once.", stopped: "The upload was stopped.",
};

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch (notJson) {
    return { error: "", unreadable: notJson.message };
  }
}

export class Api {
  /**
   * `timeout` in milliseconds, 0: none; `person` is named in every request, null: only by the cookie.
   * @param {string} base
   * @param {{timeout?: number, person?: string | null, sentences?: typeof SENTENCES}} options
   */
  constructor(base = "", { timeout = 30000, person = "me", sentences = SENTENCES } = {}) {
    this.base = base.replace(/\/$/, "");
    this.timeout = timeout;
    this.person = person;
    this.sentences = sentences;
  }

  /** @param {string} path */
  url(path) { return this.base + path; }

  /**
   * @param {string} method
   * @param {string} path
   * @param {any} body
   * @param {CallOptions} options
   */
  async call(method, path, body, { signal = null, keepalive = false, timeout = this.timeout } = {}) {
    const stop = new AbortController();
    const timer = timeout ? setTimeout(() => stop.abort(), timeout) : 0;
    if (signal) signal.addEventListener("abort", () => stop.abort());
    const headers = { ...(this.person === null ? {} : { "X-Deixis-Person": encodeURIComponent(this.person) }), ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    try {
      const response = await fetch(this.url(path), {
        method, headers, keepalive, signal: stop.signal, credentials: "same-origin",
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const answer = parsed(await response.text());
      if (!response.ok) throw this.failure(response.status, answer);
      return answer;
    } catch (error) {
      if (error instanceof Failure || (signal && signal.aborted)) throw error;
      throw new Failure(0, this.sentences.unreachable);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The server's own sentence, or ours for the status.
   * @param {number} status
   * @param {any} body
   */
  failure(status, body) {
    const said = body && body.error;
    const sentence = typeof said === "string" && said ? said : this.sentences.byStatus[status] || this.sentences.other(status);
    return new Failure(status, sentence, body);
  }

  /**
   * @param {string} path
   * @param {CallOptions} [options]
   */
  get(path, options) { return this.call("GET", path, undefined, options); }
  /**
   * @param {string} path
   * @param {any} body
   * @param {CallOptions} [options]
   */
  post(path, body = {}, options) { return this.call("POST", path, body, options); }

  projects() { return this.get("/api/projects"); }
  /**
   * @param {string} id
   * @param {any} changes
   */
  patchProject(id, changes) { return this.call("PATCH", `/api/projects/${encodeURIComponent(id)}`, changes); }
  /** @param {string} project */
  templates(project) { return this.get(`/api/projects/${encodeURIComponent(project)}/templates`); }
  /**
   * @param {string} project
   * @param {string} name
   * @param {boolean} on
   */
  turnTemplate(project, name, on) { return this.call("PATCH", `/api/projects/${encodeURIComponent(project)}/templates`, { name, on }); }
  /**
   * @param {string} project
   * @param {Record<string, any>} query
   */
  items(project, query) {
    const words = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
    return this.get(`/api/projects/${encodeURIComponent(project)}/items?${new URLSearchParams(words)}`);
  }
  /**
   * @param {string} id
   * @param {CallOptions} [options]
   */
  item(id, options) { return this.get(`/api/items/${encodeURIComponent(id)}`, options); }
  /** @param {string} id */
  history(id) { return this.get(`/api/items/${encodeURIComponent(id)}/history`); }
  /**
   * @param {string} id
   * @param {any} body
   * @param {CallOptions} [options]
   */
  edit(id, body, options) { return this.post(`/api/items/${encodeURIComponent(id)}/edits`, body, options); }
  /**
   * @param {string} id
   * @param {any} body
   */
  check(id, body) { return this.post(`/api/items/${encodeURIComponent(id)}/check`, body); }
  /**
   * @param {string} id
   * @param {string} status
   */
  status(id, status) { return this.post(`/api/items/${encodeURIComponent(id)}/status`, { status }); }
  /** @param {string} id */
  trash(id) { return this.call("DELETE", `/api/items/${encodeURIComponent(id)}`); }
  /** @param {string} id */
  restore(id) { return this.post(`/api/items/${encodeURIComponent(id)}/restore`); }
  /**
   * @param {string} id
   * @param {any} body
   * @param {CallOptions} [options]
   */
  ground(id, body, options) { return this.post(`/api/items/${encodeURIComponent(id)}/ground`, body, { timeout: 120000, ...options }); }
  /**
   * @param {string} id
   * @param {any} body
   * @param {CallOptions} [options]
   */
  describe(id, body, options) { return this.post(`/api/items/${encodeURIComponent(id)}/describe`, body, { timeout: 120000, ...options }); }
  /**
   * @param {string} id
   * @param {any} body
   * @param {CallOptions} [options]
   */
  find(id, body, options) { return this.post(`/api/items/${encodeURIComponent(id)}/find`, body, { timeout: 600000, ...options }); }
  /**
   * @param {string} id
   * @param {any} body
   */
  follow(id, body) { return this.post(`/api/items/${encodeURIComponent(id)}/follow`, body); }
  /**
   * @param {string} project
   * @param {any} body
   */
  propose(project, body = {}) { return this.post(`/api/projects/${encodeURIComponent(project)}/propose`, body); }
  /** @param {string} id */
  job(id) { return this.get(`/api/jobs/${encodeURIComponent(id)}`); }
  /** @param {string} project */
  jobs(project) { return this.get(`/api/projects/${encodeURIComponent(project)}/jobs`); }
  /** @param {string} id */
  resume(id) { return this.post(`/api/jobs/${encodeURIComponent(id)}/resume`); }
  /** @param {string} id */
  cancel(id) { return this.post(`/api/jobs/${encodeURIComponent(id)}/cancel`); }

  /**
   * Sends files with their relative names; `onProgress(loaded, total)` hears of bytes. Answers {job}; `signal` stops it.
   * @param {string} project
   * @param {{file: File, path: string}[]} files
   * @param {(loaded: number, total: number) => void} onProgress
   * @param {AbortSignal | null} signal
   */
  upload(project, files, onProgress, signal) {
    const form = new FormData();
    for (const { file, path } of files) form.append("files", file, path);
    for (const { path } of files) form.append("paths", path);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.url(`/api/projects/${encodeURIComponent(project)}/upload`));
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded, event.total);
      request.onerror = () => reject(new Failure(0, this.sentences.cutOff));
      request.onabort = () => reject(new Failure(-1, this.sentences.stopped));
      request.onload = () => {
        const answer = parsed(request.responseText);
        if (request.status >= 200 && request.status < 300) resolve(answer); else reject(this.failure(request.status, answer));
      };
      if (signal) signal.addEventListener("abort", () => request.abort());
      request.send(form);
    });
  }
}
