import { behind, upToDate } from "../frame/behind.js";
import { isGone } from "../http.js";

/**
 * Parts of this page, as the server would render them now. The templates stay the only
 * home of how a film looks. Null where they cannot be had: then the page says so, and
 * `again` (else the same once more) is what is tried again.
 */
export async function refresh(ids, again = () => refresh(ids)) {
  const { answer, text } = await asked(location.href);
  if (answer && isGone(answer)) {
    // Let the browser show what there is: a page to sign in, or that nothing is here.
    location.reload();
    return null;
  }
  if (!answer?.ok) {
    behind(again);
    return null;
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const id of ids) swap(document.getElementById(id), fresh.getElementById(id));
  upToDate();
  return fresh;
}

/** Nothing where nobody answers, or not to the end. */
async function asked(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin" });
    return { answer, text: await answer.text() };
  } catch {
    return {};
  }
}

/** `fresh` in the place of `old`, with the focus on what had it. */
export function swap(old, fresh) {
  if (!old || !fresh || old.isEqualNode(fresh)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(document.adoptNode(fresh));
  if (!focused) return;
  const again = [...fresh.querySelectorAll("a, button, [tabindex]")].find(
    (one) => one.textContent === focused.textContent && one.localName === focused.localName,
  );
  again?.focus();
}

/** Call `work` soon, once for many calls. */
export function soon(work, milliseconds = 300) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      work();
    }, milliseconds);
  };
}
