/* What every part of the page shares: building elements as text, talking to the server, watching a job. */
(() => {
  "use strict";
  const Deixis = (window.Deixis = window.Deixis || {});

  /** An element with attributes, listeners (on...) and children; strings always become text, never markup. */
  Deixis.el = (tag, attrs = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attrs)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name in node && typeof value !== "string") node[name] = value;
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  };

  /** Fetches JSON; throws an Error whose message is the server's own plain sentence. */
  Deixis.api = async (method, url, body) => {
    const options = { method, headers: {}, credentials: "same-origin" };
    if (body !== undefined) {
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    let reply;
    try {
      reply = await fetch(url, options);
    } catch {
      throw new Error("The server does not answer. Check that Deixis is still running, then try again.");
    }
    const answer = await reply.json().catch(() => ({}));
    if (!reply.ok) throw new Error(answer.error || `The server answered ${reply.status}. Try again, or reload the page.`);
    return answer;
  };

  const ended = new Set(["done", "failed", "cancelled", "interrupted"]);
  Deixis.jobEnded = (job) => ended.has(job.state);

  /** Calls `seen(job)` until the job has ended or `seen` returns false; resolves with the last state. */
  Deixis.watchJob = async (id, seen) => {
    for (let misses = 0, wait = 250; ; wait = Math.min(wait * 1.3, 1500)) {
      try {
        const job = await Deixis.api("GET", `/api/jobs/${encodeURIComponent(id)}`);
        misses = 0;
        if (seen(job) === false || Deixis.jobEnded(job)) return job;
      } catch (error) {
        if (++misses > 5) return { id, state: "failed", error: error.message, done: 0, total: 0 };
      }
      await new Promise((resume) => setTimeout(resume, wait));
    }
  };

  Deixis.plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many || one + "s"}`;
  Deixis.megabytes = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`);
  Deixis.jobNames = { load: "Adding files", propose: "Proposing", follow: "Following objects", export: "Exporting", publish: "Exporting", train: "Learning", improve: "Learning", bring: "Trying a model", mistakes: "Looking for mistakes" };

  /** Tells the routes who works here: every request carries the name. */
  Deixis.name = (name) => { document.cookie = `deixis_name=${encodeURIComponent((name || "").slice(0, 60))}; path=/; max-age=31536000; samesite=lax`; };

  /** Remembers a name in this browser, and tells routes and editor; nothing else of the page changes. */
  Deixis.sign = (name) => {
    localStorage.setItem("deixis.user", name || "");
    Deixis.name(name);
    const root = document.querySelector(".deixis");
    if (root && root.__ed) root.__ed.parts.loader.sign((name || "").trim());
  };

  /** Lets the editor take in what was loaded, thrown away or renamed elsewhere on the page. */
  Deixis.refreshEditor = () => {
    const root = document.querySelector(".deixis");
    if (root && root.__ed && root.__ed.session.project) root.__ed.parts.loader.follow();
  };

  /** A list of (name, sentence) pairs; a sentence that names its file already stands alone. */
  Deixis.reasons = (pairs) => Deixis.el("ul", {}, pairs.map(([name, reason]) => Deixis.el("li", {}, reason.includes(name) ? null : Deixis.el("code", {}, `${name} `), reason)));

  /** A thin bar; `set(done, total)` with total 0 shows work without a known end. */
  Deixis.bar = () => {
    const fill = Deixis.el("span");
    const node = Deixis.el("div", { class: "pg-bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
    const set = (done, total) => {
      const share = total > 0 ? Math.min(1, done / total) : null;
      node.classList.toggle("pg-unknown", share === null);
      fill.style.width = share === null ? "" : `${(share * 100).toFixed(1)}%`;
      if (share === null) node.removeAttribute("aria-valuenow");
      else node.setAttribute("aria-valuenow", Math.round(share * 100));
    };
    return { node, set };
  };

  /** Light, dark or as the system says: kept in this browser, applied before the first paint. */
  document.addEventListener("DOMContentLoaded", () => Deixis.theme.apply());
  Deixis.theme = {
    get: () => localStorage.getItem("deixis.theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
    set: (name) => { localStorage.setItem("deixis.theme", name); Deixis.theme.apply(); },
    apply: () => document.body && document.body.classList.toggle("dark", Deixis.theme.get() === "dark"),
  };
})();
