// Light, dark or as the system says: kept in this browser, applied before the first paint. A classic script, inline in the page's head.
(() => {
  const theme = {
    get: () => localStorage.getItem("deixis.theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
    set: (name) => { localStorage.setItem("deixis.theme", name); theme.apply(); },
    apply: () => document.body && document.body.classList.toggle("dark", theme.get() === "dark"),
  };
  document.addEventListener("DOMContentLoaded", () => theme.apply());
  /** @type {any} */ (window).Deixis = { theme };
})();
