// The page: what its own handlers ask of this browser and of the editor.

/** The editor of the page, if it is there. */
function editorOf() {
  const root = /** @type {(HTMLElement & {__ed?: import("../editor/editor.js").Editor}) | null} */ (document.querySelector(".deixis"));
  return root && root.__ed;
}

/** Tells the routes who works here: every request carries the name. */
function setNameCookie(name) { document.cookie = `deixis_name=${encodeURIComponent((name || "").slice(0, 60))}; path=/; max-age=31536000; samesite=lax`; }

/** [project, name] that this browser had last; the routes hear of the name. */
export function remembered() {
  setNameCookie(localStorage.getItem("deixis.user"));
  return [localStorage.getItem("deixis.project") || "", localStorage.getItem("deixis.user") || ""];
}

export function rememberProject(project) { localStorage.setItem("deixis.project", project || ""); }

/** Remembers a name in this browser, and tells routes and editor; nothing else of the page changes. */
export function sign(name) {
  localStorage.setItem("deixis.user", name || "");
  setNameCookie(name);
  const editor = editorOf();
  if (editor) editor.parts.loader.sign((name || "").trim());
}

/** Lets the editor take in what was loaded, thrown away or renamed elsewhere on the page. */
export function refreshEditor() {
  const editor = editorOf();
  if (editor && editor.session.project) editor.parts.loader.refreshAll();
}
