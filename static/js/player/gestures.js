/** A pointer on the picture: a click plays, two clicks fill the screen; a tap shows the controls, two taps skip. */

const TWICE = 300;

export function gestures(player) {
  const { frame, video } = player;
  let pointer = "mouse";
  let last = { at: 0, side: null };
  let total = 0;
  const onPicture = ({ target }) => target === video || target.matches(".fp-shade, .fp-face, .fp-spinner");

  player.on(frame, "pointerdown", (event) => {
    pointer = event.pointerType;
  });

  function sideOf({ clientX }) {
    const { left, width } = frame.getBoundingClientRect();
    const share = (clientX - left) / width;
    return share < 1 / 3 ? "back" : share > 2 / 3 ? "forward" : "middle";
  }

  function skip(side) {
    total += 10;
    player.seek(video.currentTime + (side === "back" ? -10 : 10));
    const sign = frame.querySelector(`.fp-skip[data-side=${side}]`);
    sign.querySelector("span").textContent = player.word("skip", { seconds: total });
    sign.hidden = true;
    void sign.offsetWidth;
    sign.hidden = false;
    clearTimeout(sign.timer);
    sign.timer = setTimeout(() => (sign.hidden = true), 700);
  }

  function tapped(event) {
    const [side, now] = [sideOf(event), event.timeStamp];
    const again = now - last.at < TWICE && side === last.side;
    last = { at: now, side };
    if (again && side !== "middle") return skip(side);
    total = 0;
    if (again) return player.act("play");
    if (frame.hasAttribute("data-awake") && !video.paused) player.sleep();
    else player.wake();
  }

  player.on(frame, "click", (event) => {
    if (!onPicture(event) || player.dataset.face) return;
    if (pointer === "touch") tapped(event);
    else if (event.detail < 2) player.act("play");
  });
  player.on(frame, "dblclick", (event) => {
    if (!onPicture(event) || pointer === "touch" || player.dataset.face) return;
    // The first of the two clicks has paused it.
    player.act("play");
    player.act("fullscreen");
  });
}
