/** What the system shows of the film: on a lock screen, beside the sound, and for keys with pictures. */

export function system(player) {
  const session = navigator.mediaSession;
  if (!session) return;
  const { video, film, acts } = player;
  const poster = film.poster && [{ src: new URL(film.poster, location.href).href, type: "image/jpeg" }];
  session.metadata = new MediaMetadata({ title: film.title ?? player.dataset.title, album: film.list?.title ?? "", artwork: poster || [] });

  const handlers = {
    play: () => player.play(),
    pause: () => video.pause(),
    seekbackward: ({ seekOffset = 10 }) => player.seek(video.currentTime - seekOffset),
    seekforward: ({ seekOffset = 10 }) => player.seek(video.currentTime + seekOffset),
    seekto: ({ seekTime }) => player.seek(seekTime),
    previoustrack: film.previous && (() => acts.previous()),
    nexttrack: film.next && (() => acts.next()),
  };
  for (const [name, handler] of Object.entries(handlers)) {
    try {
      session.setActionHandler(name, handler ?? null);
    } catch {
      // This browser knows no such key.
    }
  }

  const tell = () => {
    const { duration } = player;
    if (!duration || !session.setPositionState) return;
    session.setPositionState({ duration, playbackRate: video.playbackRate, position: Math.min(video.currentTime, duration) });
  };
  player.on(video, "loadedmetadata seeked ratechange playing", tell);
}
