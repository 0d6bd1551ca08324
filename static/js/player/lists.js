/** The films before and after this one in a playlist, and going on by itself. */

const PLAY_ON = "filmedia.play-on";
const COUNT = 5;

export function lists(player) {
  const { video, film, acts, preferences } = player;
  const { previous, next } = film;
  let timer = null;

  function go(other) {
    if (!other) return false;
    try {
      // A film that somebody goes on to begins by itself, where the browser lets it.
      sessionStorage.setItem(PLAY_ON, new URL(other.watch_url, location.href).pathname);
    } catch {
      // Storage can be forbidden; then it waits to be played.
    }
    location.assign(other.watch_url);
  }
  acts.next = () => go(next);
  acts.previous = () => go(previous);
  acts.list = (step) => (step > 0 ? go(next) : go(previous));

  function stay() {
    clearInterval(timer);
    player.face("up-next", false);
  }
  acts.stay = stay;
  player.on(video, "ended", () => {
    if (!next || preferences.get("autoplay") === false) return;
    let seconds = COUNT;
    player.face("up-next", true, { seconds });
    clearInterval(timer);
    timer = setInterval(() => {
      seconds -= 1;
      player.face("up-next", true, { seconds });
      if (seconds > 0) return;
      stay();
      go(next);
    }, 1000);
  });
  player.on(video, "play seeking", () => player.dataset.face === "up-next" && stay());

  try {
    if (sessionStorage.getItem(PLAY_ON) === location.pathname) player.play({ alone: true });
    sessionStorage.removeItem(PLAY_ON);
  } catch {
    // See above.
  }
}
