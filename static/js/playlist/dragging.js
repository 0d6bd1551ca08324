/**
 * Dragging a row of a list to another place by its handle, with a mouse, a pen or a finger.
 *
 * The row is moved in the document as it is dragged, so what is seen is what will be. Escape
 * puts it back. `list()` gives the list as it is now; `onDropped(row)` hears of a new place.
 */

const EDGE = 64;
const STEP = 14;

export function dragging({ list, onDropped }) {
  let held = null;

  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.("[data-handle]");
    if (!handle || event.button !== 0) return;
    event.preventDefault();
    const row = handle.closest("li");
    held = { row, pointer: event.pointerId, next: row.nextElementSibling, y: event.clientY };
    row.classList.add("dragged");
    handle.setPointerCapture(event.pointerId);
    held.frame = requestAnimationFrame(follow);
  });

  document.addEventListener("pointermove", (event) => {
    if (held && event.pointerId === held.pointer) held.y = event.clientY;
  });

  document.addEventListener("pointerup", (event) => {
    if (held && event.pointerId === held.pointer) end(true);
  });
  document.addEventListener("pointercancel", () => held && end(false));
  document.addEventListener("keydown", (event) => {
    if (!held || event.key !== "Escape") return;
    event.preventDefault();
    end(false);
  });

  function follow() {
    if (!held) return;
    scroll(held.y);
    place(list(), held.row, held.y);
    held.frame = requestAnimationFrame(follow);
  }

  function end(drop) {
    const { row, next, frame, y } = held;
    cancelAnimationFrame(frame);
    if (drop) place(list(), row, y);
    held = null;
    row.classList.remove("dragged");
    if (!drop) list().insertBefore(row, next);
    else if (row.nextElementSibling !== next) onDropped(row);
  }
}

/** Before the first of the other rows whose middle is below the pointer. */
function place(list, row, y) {
  const others = [...list.children].filter((other) => other !== row);
  const before = others.find((other) => {
    const { top, height } = other.getBoundingClientRect();
    return y < top + height / 2;
  });
  if (row.nextElementSibling !== (before ?? null)) list.insertBefore(row, before ?? null);
}

/** Near the edges of the window the page comes along. */
function scroll(y) {
  if (y < EDGE) scrollBy(0, -STEP);
  else if (y > innerHeight - EDGE) scrollBy(0, STEP);
}
