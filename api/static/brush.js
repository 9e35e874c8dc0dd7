// A part of a control chart, chosen by drawing over it or by the two ends below it: its figures, and
// which rules are violated in it. They are computed of the points that the server has drawn. A chart
// that is replaced, because it goes on, keeps what was chosen.
"use strict";

(() => {
  const main = document.getElementById("main");
  const tag = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const kept = new Map(); // of a chart: the first and the last instant that are chosen

  const parts = (brush) => {
    const tile = brush.closest(".tile");
    return {
      brush, tile,
      drawings: [...tile.querySelectorAll("svg.control")],
      points: [...tile.querySelectorAll("[data-at]")],
      ends: ["from", "to"].map((end) => brush.querySelector(`[data-end=${end}]`)),
    };
  };
  const nearest = (points, x) => points.reduce(
    (best, it, at) => Math.abs(it.dataset.x - x) < Math.abs(points[best].dataset.x - x) ? at : best, 0,
  );

  const figures = (values) => {
    const mean = values.reduce((sum, it) => sum + it, 0) / values.length;
    const squares = values.reduce((sum, it) => sum + (it - mean) ** 2, 0);
    return {
      mean, lowest: Math.min(...values), highest: Math.max(...values),
      deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : NaN,
    };
  };
  const choose = (part, from, to) => {
    const { brush, points, ends } = part;
    const chosen = points.slice(from, to + 1);
    const isAll = chosen.length === points.length;
    if (isAll) kept.delete(brush.dataset.brush);
    else kept.set(brush.dataset.brush, [from, to].map((at) => Number(points[at].dataset.at)));
    [from, to].forEach((at, end) => {
      ends[end].value = at;
      ends[end].setAttribute("aria-valuetext", points[at].dataset.time);
      ends[end].nextElementSibling.textContent = points[at].dataset.time;
    });
    const digits = Number(brush.dataset.digits);
    const number = new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    const found = figures(chosen.map((it) => Number(it.dataset.value)));
    for (const it of brush.querySelectorAll("[data-figure]")) {
      const value = found[it.dataset.figure];
      if (it.dataset.figure === "count") it.textContent = new Intl.NumberFormat(tag).format(chosen.length);
      else it.textContent = Number.isNaN(value) ? "–" : number.format(value);
    }
    broken(part, chosen);
    for (const drawing of part.drawings) mark(drawing, isAll ? null : [points[from], points[to]]);
  };
  const broken = ({ brush, tile }, chosen) => {
    const list = brush.querySelector("ul"), rules = [...tile.querySelectorAll("[data-rule]")];
    const counts = rules.map((_, rule) =>
      chosen.filter((it) => it.dataset.rules.split(" ").includes(String(rule))).length);
    const rows = rules.flatMap((rule, at) => {
      if (!counts[at]) return [];
      const row = document.createElement("li"), often = document.createElement("b");
      often.textContent = `${new Intl.NumberFormat(tag).format(counts[at])} ×`;
      row.append(rule.dataset.rule, " ", often);
      return [row];
    });
    if (!rows.length) {
      const none = document.createElement("li");
      none.textContent = list.dataset.none;
      rows.push(none);
    }
    list.replaceChildren(...rows);
  };
  const mark = (drawing, ends) => {
    drawing.querySelector(".chosen")?.remove();
    if (!ends) return;
    const [left, right] = ends.map((it) => Number(it.dataset.x));
    const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const given = { class: "chosen", x: `${left}%`, y: 0, width: `${Math.max(right - left, 0.3)}%`,
      height: drawing.getAttribute("height") - 22 };
    for (const [name, value] of Object.entries(given)) box.setAttribute(name, value);
    drawing.prepend(box);
  };

  let drawn = null; // the part over whose chart somebody draws, and where that began
  main.addEventListener("pointerdown", (event) => {
    const drawing = event.target.closest("svg.control");
    const brush = drawing?.closest(".tile").querySelector("[data-brush]");
    if (!brush || event.button) return;
    drawn = { part: parts(brush), drawing, begin: null, x: event.clientX };
    drawing.setPointerCapture(event.pointerId);
  });
  main.addEventListener("pointermove", (event) => {
    if (!drawn || (drawn.begin === null && Math.abs(event.clientX - drawn.x) < 8)) return;
    const { part, drawing } = drawn;
    if (!drawing.isConnected) { drawn = null; return; }
    const box = drawing.getBoundingClientRect();
    const at = (x) => nearest(part.points, ((x - box.left) / box.width) * 100);
    drawn.begin ??= at(drawn.x);
    part.brush.open = true;
    choose(part, ...[drawn.begin, at(event.clientX)].sort((a, b) => a - b));
  });
  for (const name of ["pointerup", "pointercancel"]) main.addEventListener(name, () => { drawn = null; });
  main.addEventListener("input", (event) => {
    const brush = event.target.closest("[data-brush]");
    if (!brush) return;
    const part = parts(brush), [from, to] = part.ends.map((it) => Number(it.value));
    if (event.target.dataset.end === "from") choose(part, from, Math.max(from, to));
    else choose(part, Math.min(from, to), to);
  });

  const begin = () => {
    for (const brush of main.querySelectorAll("[data-brush][hidden]")) {
      const part = parts(brush), last = part.points.length - 1;
      if (last < 1) continue;
      brush.hidden = false;
      for (const it of part.ends) it.max = last;
      const [first, until] = kept.get(brush.dataset.brush) || [-Infinity, Infinity];
      const inside = part.points.map((it) => Number(it.dataset.at)).map((at) => at >= first && at <= until);
      const isGone = !inside.includes(true);
      choose(part, isGone ? 0 : inside.indexOf(true), isGone ? last : inside.lastIndexOf(true));
    }
  };
  begin();
  new MutationObserver(begin).observe(main, { childList: true, subtree: true });
})();
