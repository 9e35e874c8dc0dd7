// The wall: turns its sheets, slowly, and moves everything by a few pixels a minute, so that no
// screen keeps a picture of it. Arrow keys turn by hand; the space bar holds the sheet that is shown.
"use strict";

(() => {
  const TURN_MS = 15000;
  const SHIFT_MS = 60000;
  const SHIFTS = [[0, 0], [3, 1], [5, 4], [2, 6], [-2, 5], [-5, 2], [-4, -3], [1, -4]]; // px
  const main = document.getElementById("main");
  const sheets = [...document.querySelectorAll("[data-sheet]")];
  let shown = 0, shift = 0, isHeld = false;

  const show = (number) => {
    shown = (number + sheets.length) % sheets.length;
    sheets.forEach((sheet, at) => sheet.classList.toggle("shown", at === shown));
  };
  if (sheets.length) {
    document.body.classList.add("turning");
    show(0);
  }
  if (sheets.length > 1) setInterval(() => { if (!isHeld) show(shown + 1); }, TURN_MS);
  setInterval(() => {
    shift = (shift + 1) % SHIFTS.length;
    const [right, down] = SHIFTS[shift];
    main.style.translate = `${right}px ${down}px`;
  }, SHIFT_MS);
  document.addEventListener("keydown", (event) => {
    if (event.key === " ") isHeld = !isHeld;
    else if (event.key === "ArrowRight") show(shown + 1);
    else if (event.key === "ArrowLeft") show(shown - 1);
    else return;
    event.preventDefault();
  });
})();
