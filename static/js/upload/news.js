/** What the server tells of uploads: news as they come, and all of it when some were missed. */

import { getJson } from "../http.js";
import { follow } from "../live.js";
import { isFinished } from "../row.js";

/** `dataset` is the page's own; `onLive(isLive)` says whether news come by themselves. */
export function followUploads({ list, sending, dataset, onLive }) {
  /** What another device did with it holds here too. */
  function heed(uploads) {
    for (const upload of uploads) {
      const film = list.learn(upload);
      if (film) sending.heed(film);
    }
  }

  async function ask(film) {
    try {
      if (film) heed([await getJson(film.upload.url)]);
    } catch {
      // The next event, or the next round, asks again.
    }
  }

  async function askAll() {
    const { items } = await getJson(dataset.endpoint);
    heed(items.filter((upload) => upload.state === "receiving" || list.filmOf(upload)));
  }

  follow({
    socket: dataset.socket,
    events: dataset.events,
    seq: Number(dataset.seq),
    onMessage({ type, data }) {
      // What was over before this page was opened is listed by the server.
      if (type === "snapshot") heed(data.uploads.filter((upload) => list.filmOf(upload) || !isFinished(upload)));
      else if (type === "upload.progress") list.learn(data);
      else if (type === "video.progress") list.learnStages(data);
      else if (type === "reset" || type === "upload.ordered") askAll();
      else ask(list.filmOfEvent(data));
    },
    onPoll: askAll,
    onLive,
  });
}
