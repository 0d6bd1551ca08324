/**
 * Short messages in the corner: at most three, the newest last. Good news goes by itself,
 * bad news stays until it is closed. Never the only place where something is said.
 */

const MOST = 3;
const FOR = 6_000;

/** `undo`, where there is one, is called when the person takes it back. */
export function toast(words, { undo = null, bad = false } = {}) {
  const list = document.getElementById("toasts");
  const item = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  item.querySelector("[data-words]").textContent = words;
  item.classList.toggle("bad", bad);
  const close = () => item.remove();
  item.querySelector("[data-close]").addEventListener("click", close);
  offerUndo(item, undo, close);
  while (list.children.length >= MOST) list.firstElementChild.remove();
  list.append(item);
  if (!bad) goByItself(item, close);
  return close;
}

function offerUndo(item, undo, close) {
  const button = item.querySelector("[data-undo]");
  button.hidden = !undo;
  button.addEventListener("click", async () => {
    close();
    try {
      await undo();
    } catch (error) {
      toast(error.message, { bad: true });
    }
  });
}

/** Not while somebody reads it: under the pointer or with the focus inside it stays. */
function goByItself(item, close) {
  let timer = setTimeout(close, FOR);
  const stay = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(close, FOR);
  };
  item.addEventListener("pointerenter", stay);
  item.addEventListener("focusin", stay);
  item.addEventListener("pointerleave", go);
  item.addEventListener("focusout", go);
}

/** Messages that came with the page go to the corner too, with their way back. */
export function adoptMessages() {
  for (const message of document.querySelectorAll(".messages [data-toast]")) {
    const form = message.querySelector("form");
    const undo = form && (() => form.requestSubmit());
    toast(message.querySelector("span").textContent, { undo });
    // The form has to stay in the document to be sent.
    if (form) document.getElementById("toasts").after(form);
    form?.setAttribute("hidden", "");
    message.remove();
  }
  for (const list of document.querySelectorAll(".messages:empty, .messages:not(:has(.notice))")) list.remove();
}
