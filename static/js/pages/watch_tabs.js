/** The parts of the watch page, one at a time. Without scripts they stand below each other. */

export function tabs(nav) {
  const links = [...nav.querySelectorAll("a")];
  const panel = (link) => document.getElementById(link.hash.slice(1));
  nav.setAttribute("role", "tablist");
  for (const link of links) {
    const shown = panel(link);
    Object.assign(link, { id: `tab-${shown.id}`, role: "tab" });
    link.setAttribute("aria-controls", shown.id);
    shown.setAttribute("role", "tabpanel");
    shown.setAttribute("aria-labelledby", link.id);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(history.state, "", link.hash);
      open(link);
    });
  }
  nav.addEventListener("keydown", (event) => {
    const at = links.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const link = links[(to + links.length) % links.length];
    link.focus();
    open(link);
  });

  function open(chosen) {
    for (const link of links) {
      const is = link === chosen;
      link.setAttribute("aria-selected", is);
      link.tabIndex = is ? 0 : -1;
      panel(link).hidden = !is;
    }
    panel(chosen).dispatchEvent(new CustomEvent("tab-open", { bubbles: true }));
  }
  /** Open the part that is, or holds, the element of this id; and go there. */
  function reveal(id, { go = true } = {}) {
    const target = document.getElementById(id);
    const link = target && links.find((one) => panel(one).contains(target));
    if (!link) return false;
    open(link);
    if (go) {
      nav.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
      link.focus({ preventScroll: true });
    }
    return true;
  }
  addEventListener("hashchange", () => reveal(location.hash.slice(1)));
  if (!reveal(location.hash.slice(1), { go: false })) open(links[0]);
  return { reveal };
}
