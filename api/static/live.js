// Keeps a page live: parts marked data-live are replaced when the server's are different.
// main[data-events] names the page's stream of such parts; live_stream.js holds it, for all tabs
// at once. What somebody scrolled, opened or reached by keyboard stays as it is. Changes of state are
// announced to screen readers through #announcer, nothing else is: a board that talks every second
// helps nobody. A page that has heard nothing for CUT_MS says so: html.cut, and when it heard last.
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
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const named = active?.id || active?.getAttribute("href");
    const place = named && (active.id ? `#${CSS.escape(named)}` : `[href="${CSS.escape(named)}"]`);
    const opened = [...old.querySelectorAll("details")].map((it) => it.open);
    fresh.querySelectorAll("details").forEach((it, at) => { it.open = opened[at] ?? it.open; });
    old.replaceWith(fresh);
    scrollers(fresh).forEach((it, at) => { [it.scrollLeft, it.scrollTop] = places[at] || [0, 0]; });
    if (focused >= 0) scrollers(fresh)[focused]?.focus({ preventScroll: true });
    else if (place) fresh.querySelector(place)?.focus({ preventScroll: true });
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

  // A list that is sorted by how things stand is sorted anew, but never under a finger, the mouse
  // or the keyboard's place; other lists, and lists of other things, are loaded again.
  const list = () => document.querySelector("[data-sorted]");
  let standing = main.dataset.order;
  let wanted = standing;
  const sort = () => {
    const items = list();
    const held = matchMedia("(hover: hover)").matches ? ":hover, :focus-within" : ":focus-within";
    if (wanted === standing || !items || items.matches(held)) return;
    for (const name of wanted.split(" ")) items.append(items.querySelector(`[data-name="${CSS.escape(name)}"]`));
    standing = wanted;
  };
  const order = (names) => {
    const same = [names, standing].map((it) => it.split(" ").sort().join(" "));
    if (same[0] !== same[1] || (names !== standing && !list())) again();
    wanted = names;
    sort();
  };

  const again = () => setTimeout(() => location.reload(), Math.max(0, 3000 - performance.now()));

  if (!main.dataset.events) return;
  const CUT_MS = 4000;
  const last = offline.querySelector("time");
  let heard = performance.now(), at = Number(main.dataset.at), isCut = false;
  let isOld = false; // what is shown is from before a cut, until all of it has come anew
  const language = document.documentElement.lang;
  const moment = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    timeZone: main.dataset.zone, dateStyle: "medium", timeStyle: "medium", hourCycle: "h23",
  });
  const show = (cut) => {
    if (cut === isCut) return;
    isCut = cut;
    last.textContent = moment.format(at);
    last.dateTime = new Date(at).toISOString();
    offline.hidden = !cut;
    document.documentElement.classList.toggle("cut", cut);
  };
  const take = (kind, data) => {
    if (kind === "here") return;
    if (kind === "cut") {
      isOld = true;
      show(true);
      return;
    }
    if (kind === "ended") { again(); return; }
    if (kind === "part") {
      update(parse(data));
      isOld = false;
    }
    if (kind === "order") order(data);
    heard = performance.now();
    if (kind === "beat" && !isOld) {
      at = Number(data);
      show(false);
      sort();
    }
  };

  // The stream: from the worker of all tabs, or, without one that answers, of this tab alone.
  const page = { address: main.dataset.events, viewer: main.dataset.viewer };
  let port = null, spoke = 0, answered = 0;
  const alone = () => {
    port = null;
    new LiveStream((_, kind, data) => take(kind, data)).open([page.address]);
  };
  const speak = () => {
    spoke = performance.now();
    port?.postMessage(page);
  };
  try {
    const worker = new SharedWorker(document.querySelector("script[data-stream]").src);
    worker.onerror = () => { if (port) alone(); };
    port = worker.port;
    port.onmessage = ({ data }) => {
      answered = performance.now();
      take(data.kind, data.data);
    };
    speak();
  } catch { alone(); }
  setInterval(() => {
    const now = performance.now();
    if (now - heard > CUT_MS) show(true);
    if (!port) return;
    if (answered < spoke && now - spoke > 5000) alone();
    else if (now - spoke > (isCut ? 2000 : 30000) && answered >= spoke) speak();
  }, 500);
  window.addEventListener("pagehide", () => port?.postMessage({ gone: true }));
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
