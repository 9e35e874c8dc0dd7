// The page of a tablet without network: what waits on it, and back as soon as the server answers.
"use strict";

(() => {
  const AGAIN_AFTER_MS = 2000;
  const ANSWER_WITHIN_MS = 5000;
  const waiting = document.getElementById("waiting");
  const time = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });

  const entries = () => {
    try { return JSON.parse(localStorage.getItem("lineproof.entries")) || []; } catch { return []; }
  };
  const kept = entries();
  waiting.querySelector("[data-count]").textContent = kept.length;
  waiting.querySelector("ul").replaceChildren(...kept.map((it) => {
    const item = waiting.querySelector("template").content.cloneNode(true);
    const line = decodeURIComponent(it.to.split("/").at(-2));
    item.querySelector("[data-said]").textContent = it.said;
    item.querySelector("[data-by]").textContent = `${line} · ${it.who} · ${time(it.at)}`;
    return item;
  }));
  document.querySelector("[data-since]").textContent = time(Date.now());

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
