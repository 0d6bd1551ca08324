/** What can be done with the film itself: play, jump, sound, speed. */

import { chapterAt, chapterStart } from "./bar.js";
import { screen } from "./preferences.js";
import { speed, stepped } from "./speeds.js";

const signed = (seconds) => `${seconds < 0 ? "−" : "+"}${Math.abs(seconds)}`;

export function playing(player) {
  const { video, acts, film } = player;
  const rate = Number(player.dataset.frameRate) || 25;

  player.seek = (time) => {
    video.currentTime = Math.max(0, Math.min(time, player.duration || time));
    player.tell("film-seek");
  };
  /** `alone`: nobody pressed anything, so the browser may refuse, and that is no error. */
  player.play = async ({ alone = false } = {}) => {
    try {
      await video.play();
    } catch (error) {
      if (alone && error.name === "NotAllowedError") player.dataset.state = "autoplay-refused";
      // Other reasons are told by the video's own events.
    }
  };

  acts.play = () => {
    if (video.paused || video.ended) player.play();
    else video.pause();
  };
  acts.seek = (seconds) => {
    player.seek(video.currentTime + seconds);
    player.flash(player.word("skip", { seconds: signed(seconds) }));
  };
  acts.back = () => acts.seek(-10);
  acts.forward = () => acts.seek(10);
  acts.jump = (share) => player.duration > 0 && player.seek(share * player.duration);
  acts.frame = (step) => {
    if (!video.paused) return false;
    player.seek(video.currentTime + step / rate);
  };
  acts.chapter = (step) => {
    const start = chapterStart(film.chapters, video.currentTime, step);
    if (start === null) return false;
    player.seek(start);
    player.flash(player.word("chapter", { title: chapterAt(film.chapters, start)?.title ?? "" }));
  };
  acts.volume = (step) => {
    video.muted = false;
    video.volume = Math.min(1, Math.max(0, Math.round((video.volume + step) * 100) / 100));
    player.flash(player.word("volume", { percent: Math.round(video.volume * 100) }));
  };
  acts.mute = () => {
    video.muted = !video.muted;
    player.flash(video.muted ? player.word("muted") : player.word("volume", { percent: Math.round(video.volume * 100) }));
  };
  acts.speed = (way) => player.setSpeed(stepped(video.playbackRate, way));
  player.setSpeed = (wished) => {
    const chosen = speed(wished);
    if (chosen === null) return;
    video.preservesPitch = true;
    video.defaultPlaybackRate = video.playbackRate = chosen;
    player.flash(player.word("speed", { speed: chosen }));
  };

  // Loudness belongs to these loudspeakers. A film that begins muted is no use, so only how loud is kept.
  video.volume = screen.get("volume", 1);
  player.on(video, "volumechange", () => screen.set("volume", video.volume));
}
