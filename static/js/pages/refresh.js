/**
 * Parts of this page, as the server would render them now. The templates stay the only
 * home of how a film looks.
 */
export async function refresh(ids) {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) {
    // The film is gone, or the session is: let the browser show what there is.
    location.reload();
    return null;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) swap(document.getElementById(id), fresh.getElementById(id));
  return fresh;
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
