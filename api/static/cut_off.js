// The page of a tablet without network: since when, and back as soon as the server answers.
"use strict";

(() => {
  const AGAIN_AFTER_MS = 2000;
  const ANSWER_WITHIN_MS = 5000;
  const now = new Date().toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });
  document.querySelector("[data-since]").textContent = now;

  const again = async () => {
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const answer = await fetch("/static/cut_off_worker.js", { cache: "no-store", signal });
      if (answer.ok) { location.reload(); return; }
    } catch { /* still away */ }
    setTimeout(again, AGAIN_AFTER_MS);
  };
  if (location.pathname !== "/cut-off") again();  // there it was opened to be looked at
})();
