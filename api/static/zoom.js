// Zooms the band of states: wheel (with Ctrl where the page itself scrolls), pinch, drag, its
// buttons, and the keys + - 0 and the arrows on them. The address carries what is shown, so that a
// link leads to the same; the server draws it too, for whoever has no script. A band that is
// replaced, because it goes on, is shown as before.
"use strict";

(() => {
  const MIN_MS = 5 * 60000; // as api.pages.drawing.band_view
  const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440], TICKS_MAX = 6;
  const TICK_ROOM = 0.06;
  const SVG = "http://www.w3.org/2000/svg";
  const main = document.getElementById("main");
  const timeZone = main.dataset.zone;
  const tag = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const clock = new Intl.DateTimeFormat(tag, {
    timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const local = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  const find = () => main.querySelector("svg.timeline[data-whole]");
  const pair = (text) => text.split(" ").map(Number);

  let band = null, shown = null; // from and to, in ms; null: the whole
  let settling = 0, isMoving = false;

  const whole = () => pair(band.dataset.whole);
  const view = () => shown || whole();
  const within = (from, length) => {
    const [first, last] = whole();
    const kept = Math.min(Math.max(length, MIN_MS), last - first);
    const begin = Math.min(Math.max(from, first), last - kept);
    return kept === last - first ? null : [begin, begin + kept];
  };

  const mark = (at, text) => {
    const [line, word] = [document.createElementNS(SVG, "line"), document.createElementNS(SVG, "text")];
    for (const [name, value] of [["x1", at], ["x2", at], ["y1", 70], ["y2", 76]]) line.setAttribute(name, value);
    for (const [name, value] of [["x", at], ["y", 91]]) word.setAttribute(name, value);
    word.textContent = text;
    return [line, word];
  };
  const ticks = (from, to) => {
    const [first, last] = whole();
    const minutes = (to - from) / 60000;
    const step = (STEPS_MIN.find((it) => minutes / it <= TICKS_MAX) || 1440) * 60000;
    const zero = Number(band.dataset.zero), marks = [];
    for (let at = zero + Math.ceil((from - zero + 1) / step) * step; at < to; at += step) {
      const room = shown ? (to - from) * TICK_ROOM : 0;
      if (at < from + room || at > to - room) continue;
      marks.push(...mark(`${((at - first) / (last - first)) * 100}%`, clock.format(at)));
    }
    return marks;
  };

  const draw = () => {
    const [first, last] = whole(), [from, to] = view();
    const scale = (last - first) / (to - from), frame = band.querySelector(".view");
    frame.setAttribute("x", `${(-(from - first) / (to - from)) * 100}%`);
    frame.setAttribute("width", `${scale * 100}%`);
    band.classList.toggle("part", shown !== null);
    if (to - from < 86400000 * TICKS_MAX) band.querySelector(".ticks").replaceChildren(...ticks(from, to));
    const panel = band.closest(".panel"), said = panel.querySelector("[data-view]");
    said.textContent = shown ? `${clock.format(from)}–${clock.format(to)}` : said.dataset.view;
    for (const it of panel.querySelectorAll("[data-step]")) {
      const next = after(it.dataset.step);
      const isThere = String(next || whole()) !== String(view());
      if (isThere) it.setAttribute("href", address(next));
      else it.removeAttribute("href");
      for (const [name, value] of [["role", "link"], ["aria-disabled", "true"]]) {
        if (isThere) it.removeAttribute(name);
        else it.setAttribute(name, value);
      }
    }
  };
  const address = (next) => {
    const query = new URLSearchParams(location.search);
    query.delete("from");
    query.delete("to");
    if (next) ["from", "to"].forEach((name, at) => query.set(name, local.format(next[at]).replace(" ", "T")));
    return `?${query}`.replaceAll("%3A", ":");
  };
  const show = (next) => {
    shown = next;
    draw();
    clearTimeout(settling);
    settling = setTimeout(() => {
      history.replaceState(null, "", address(shown));
      document.getElementById("announcer").textContent = view().map((it) => clock.format(it)).join("–");
    }, 300);
  };

  const about = (at, factor) => { // `at` stays where it is
    const [from, to] = view();
    return within(at - (at - from) * factor, (to - from) * factor);
  };
  function after(step) {
    const [from, to] = view(), length = to - from, latest = Number(band.dataset.latest);
    if (step === "in") return shown ? about((from + to) / 2, 0.5) : within(latest - length / 2, length / 2);
    if (step === "out") return about((from + to) / 2, 2);
    return within(from + (step === "later" ? length / 2 : -length / 2), length);
  }
  const place = (x) => {
    const box = band.getBoundingClientRect(), [from, to] = view();
    return from + ((x - box.left) / box.width) * (to - from);
  };

  const KEYS = { "+": "in", "=": "in", "-": "out", ArrowLeft: "earlier", ArrowRight: "later" };
  main.addEventListener("keydown", (event) => {
    if (!band || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.closest(".zoom")) return;
    if (event.key === "0") show(null);
    else if (KEYS[event.key]) show(after(KEYS[event.key]));
    else return;
    event.preventDefault();
  });
  main.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step || !band || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (step.hasAttribute("href")) show(after(step.dataset.step));
  });
  main.addEventListener("wheel", (event) => {
    if (!band || !event.target.closest("svg.timeline[data-whole]")) return;
    const root = document.documentElement, scrolls = root.scrollHeight > root.clientHeight;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways && shown) {
      const [from, to] = view();
      show(within(from + ((to - from) * event.deltaX) / 1000, to - from));
    } else if (!sideways && (event.ctrlKey || !scrolls)) {
      show(about(place(event.clientX), Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 150)));
    } else return;
    event.preventDefault();
  }, { passive: false });

  // Fingers and the mouse: one moves what is shown, two spread it. A drag leads to no stop.
  const fingers = new Map();
  main.addEventListener("pointerdown", (event) => {
    if (!band || !event.target.closest("svg.timeline[data-whole]")) return;
    fingers.set(event.pointerId, event.clientX);
    isMoving = fingers.size > 1;
  });
  addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const [from, to] = view(), width = band.getBoundingClientRect().width;
    const moved = event.clientX - before;
    if (fingers.size === 1) {
      if (!shown || (!isMoving && Math.abs(moved) < 8)) return;
      isMoving = true;
      show(within(from - (moved / width) * (to - from), to - from));
    } else {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
      const [apart, now] = [Math.abs(before - other), Math.abs(event.clientX - other)];
      if (now > 4) show(about(place(other), apart / now)); // what is under each finger stays there
    }
    fingers.set(event.pointerId, event.clientX);
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, (event) => fingers.delete(event.pointerId));
  main.addEventListener("click", (event) => {
    if (!isMoving || !event.target.closest("svg.timeline[data-whole]")) return;
    isMoving = false;
    event.preventDefault();
  }, true);
  main.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("svg.timeline")) event.preventDefault();
  });

  const begin = () => {
    const found = find();
    if (found === band) return;
    const isFirst = band === null;
    band = found;
    if (!band) return;
    if (isFirst && band.dataset.shown !== band.dataset.whole) shown = pair(band.dataset.shown);
    if (shown) shown = shown[0] < whole()[1] && shown[1] > whole()[0] ? within(shown[0], shown[1] - shown[0]) : null;
    if (shown || !isFirst) draw();
  };
  begin();
  new MutationObserver(begin).observe(main, { childList: true, subtree: true });
})();
