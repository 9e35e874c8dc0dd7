// Keeps a page live: parts marked data-live are replaced when the server's are different.
// main[data-events] names a stream of such parts; main[data-refresh] says after how many
// seconds the rest of the page is fetched again. Changes of state are announced to screen
// readers through #announcer, nothing else is: a board that talks every second helps nobody.
"use strict";

(() => {
  const main = document.getElementById("main");
  const offline = document.getElementById("offline");
  const announcer = document.getElementById("announcer");
  const find = (key) => document.querySelector(`[data-live="${CSS.escape(key)}"]`);

  const update = (source) => {
    const said = [];
    for (const fresh of source.querySelectorAll("[data-live]")) {
      const old = find(fresh.dataset.live);
      if (!old || old.outerHTML === fresh.outerHTML) continue;
      const word = fresh.dataset.announce;
      if (word && word !== old.dataset.announce) said.push(word);
      old.replaceWith(document.adoptNode(fresh));
    }
    if (said.length) announcer.textContent = said.join(". ");
  };
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  if (main.dataset.events) {
    const stream = new EventSource(main.dataset.events);
    stream.onopen = () => { offline.hidden = true; };
    stream.onerror = () => { offline.hidden = false; };
    stream.addEventListener("part", (event) => update(parse(event.data)));
    window.addEventListener("pagehide", () => stream.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  const refreshSeconds = Number(main.dataset.refresh || 0);
  if (refreshSeconds) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (answer.ok) update(parse(await answer.text()));
      } catch {
        offline.hidden = false;
      }
    }, refreshSeconds * 1000);
  }
})();
