// Large digits for gloved fingers beside a PIN's field. Where they work, the tablet's own keyboard
// stays away; a keyboard or badge reader that is plugged in types into the field as before.
"use strict";

for (const keypad of document.querySelectorAll("[data-keypad]")) {
  const field = document.getElementById(keypad.dataset.keypad);
  const keys = keypad.querySelectorAll("[type=button]");
  keys.forEach((key) => { key.hidden = false; });
  field.inputMode = "none";
  keypad.addEventListener("click", (event) => {
    const key = event.target.closest("[type=button]");
    if (!key) return;
    if (key.dataset.digit === undefined) field.value = field.value.slice(0, -1);
    else if (field.value.length < field.maxLength) field.value += key.dataset.digit;
  });
}
