// What waits on this tablet, on pages that cannot send it: without network, and before sign-in.
"use strict";

(() => {
  const waiting = document.getElementById("waiting");
  const time = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hourCycle: "h23" });
  let kept = [];
  try { kept = JSON.parse(localStorage.getItem("lineproof.entries")) || []; } catch { /* not ours */ }
  waiting.hidden = !kept.length;
  waiting.querySelector("[data-count]").textContent = kept.length;
  waiting.querySelector("ul").replaceChildren(...kept.map((it) => {
    const item = waiting.querySelector("template").content.cloneNode(true);
    const line = decodeURIComponent(it.to.split("/").at(-2));
    item.querySelector("[data-said]").textContent = it.said;
    item.querySelector("[data-by]").textContent = `${line} · ${it.who} · ${time(it.at)}`;
    return item;
  }));
})();
