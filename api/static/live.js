// Keeps a page live: parts marked data-live are replaced when the server's are different.
// main[data-events] names the one stream of such parts. What somebody scrolled or reached by
// keyboard stays where it is. Changes of state are announced to screen readers through
// #announcer, nothing else is: a board that talks every second helps nobody.
"use strict";

(() => {
  const main = document.getElementById("main");
  const offline = document.getElementById("offline");
  const announcer = document.getElementById("announcer");
  const find = (key) => document.querySelector(`[data-live="${CSS.escape(key)}"]`);

  const scrollers = (part) => [part, ...part.querySelectorAll(".scroll")];
  const replace = (old, fresh) => {
    const places = scrollers(old).map((it) => [it.scrollLeft, it.scrollTop]);
    const focused = scrollers(old).indexOf(document.activeElement);
    old.replaceWith(fresh);
    scrollers(fresh).forEach((it, at) => { [it.scrollLeft, it.scrollTop] = places[at] || [0, 0]; });
    if (focused >= 0) scrollers(fresh)[focused]?.focus({ preventScroll: true });
  };

  const update = (source) => {
    const said = [];
    for (const fresh of source.querySelectorAll("[data-live]")) {
      const old = find(fresh.dataset.live);
      if (!old || old.outerHTML === fresh.outerHTML) continue;
      const word = fresh.dataset.announce;
      if (word && word !== old.dataset.announce) said.push(word);
      replace(old, document.adoptNode(fresh));
    }
    if (said.length) announcer.textContent = said.join(". ");
  };
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  if (main.dataset.events) {
    const stream = new EventSource(main.dataset.events);
    stream.onopen = () => { offline.hidden = true; };
    stream.onerror = () => { offline.hidden = false; };
    stream.addEventListener("part", (event) => update(parse(event.data)));
    stream.addEventListener("ended", () => { stream.close(); location.reload(); });
    window.addEventListener("pagehide", () => stream.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }
})();
