// Buttons that copy the text of another element. Without a script they are not there, and the
// text can be selected as any other.
"use strict";

for (const button of document.querySelectorAll("button[data-copies]")) {
  if (!navigator.clipboard) break; // the page came neither encrypted nor from this machine
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies).textContent;
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.done;
  });
}
