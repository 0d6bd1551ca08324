/**
 * A part of the page as the server would tell it now, every so often. The templates stay the
 * only home of how it looks; nothing is taken from under somebody's hands.
 */

// Another one each time, for the same person.
const TOKENS = /name="csrfmiddlewaretoken" value="[^"]*"/g;

/** Keep the part with this id fresh; `then` gets each new one. */
export function keepFresh(id, milliseconds, then) {
  const look = async () => {
    await refresh(id, then);
    setTimeout(look, milliseconds);
  };
  setTimeout(look, milliseconds);
}

/** Once, now. */
export async function refresh(id, then) {
  const part = document.getElementById(id);
  if (!part || document.hidden || isInUse(part)) return;
  const fresh = await asNow(id);
  if (fresh && !isInUse(part)) put(part, fresh, then);
}

async function asNow(id) {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    // Signed out, or gone: what is shown stays until somebody does something.
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.getElementById(id);
  } catch {
    // The server is away for a moment; the next look may find it.
    return null;
  }
}

/** Chosen rows, opened details and marked words belong to whoever made them so. */
function isInUse(part) {
  if (part.querySelector("input:checked, details[open], :focus")) return true;
  const marked = globalThis.getSelection?.();
  return Boolean(marked && !marked.isCollapsed && part.contains(marked.anchorNode));
}

function put(part, fresh, then) {
  document.adoptNode(fresh);
  // Compared as the server sent it; labels are put on afterwards.
  const words = fresh.innerHTML.replace(TOKENS, "");
  if (part.freshAs === words) return;
  const body = part.querySelector(":scope > #result_list > tbody");
  const rows = fresh.querySelector(":scope > #result_list > tbody");
  // Django's own script listens on the body of its list.
  if (body && rows) body.replaceChildren(...rows.children);
  else part.replaceChildren(...fresh.children);
  part.className = fresh.className;
  part.freshAs = words;
  then(part);
}
