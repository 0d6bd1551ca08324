/** The mark in the bar: whether what is shown was verified, and whether a copy was found wrong. */

/**
 * Its name. A player that has bytes of a film of `blocks` had each of them checked on their way;
 * others were checked when they were stored. `own` is what a check in this browser found. Pure.
 */
export function marking({ wrong, own, verification, has }) {
  if (wrong || own === false) return "wrong";
  if (own) return "checked";
  if (!has) return "collecting";
  return verification === "blocks" ? "checked" : "stored";
}

export function mark(player) {
  const { video, film } = player;
  const button = player.$(".fp-verified");
  const note = player.$("[data-note=wrong]");
  let own = null;
  let wrong = film.copies_wrong > 0;

  function show() {
    const now = marking({ wrong, own, verification: film.verification, has: video.readyState >= 2 && !video.error });
    button.dataset.mark = now;
    for (const words of button.querySelectorAll("[data-says]")) {
      words.hidden = words.dataset.says !== now;
      if (!words.hidden) button.dataset.tip = words.dataset.means;
    }
    note.hidden = !wrong;
  }
  /** Whoever watches has checked the film by themselves. */
  player.checked = (isRight) => {
    own = isRight;
    show();
    player.flash(button.querySelector(`[data-says=${button.dataset.mark}]`).textContent);
  };
  /** What the library knows of its copies by now. */
  player.retold = ({ copies_wrong: count }) => {
    const before = wrong;
    wrong = count > 0;
    show();
    if (wrong && !before) player.flash(player.word("copy-wrong"));
  };
  player.acts.proof = () => player.tell("film-tab", "proof");
  player.on(video, "loadeddata canplay emptied error", show);
  button.hidden = film.sources.length === 0;
  show();
}
