/** What this browser can tell of a film without sending it: how long it is, and a picture. */

const PATIENCE = 6_000;
const [WIDTH, HEIGHT] = [320, 180];

/** `{duration, picture}`; what cannot be read is null. Never fails. */
export async function look(file) {
  const url = URL.createObjectURL(file);
  const video = document.createElement("video");
  Object.assign(video, { muted: true, preload: "metadata", playsInline: true });
  const found = { duration: null, picture: null };
  try {
    video.src = url;
    await heard(video, "loadedmetadata");
    if (Number.isFinite(video.duration)) found.duration = video.duration;
    if (!video.videoWidth) return found;
    video.currentTime = Math.min(2, (found.duration ?? 0) / 4);
    await heard(video, "seeked");
    found.picture = drawn(video);
  } catch {
    // A film that this browser cannot play is a film all the same.
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
  return found;
}

function heard(video, type) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("too slow")), PATIENCE);
    video.addEventListener(type, () => (clearTimeout(timer), resolve()), { once: true });
    video.addEventListener("error", () => (clearTimeout(timer), reject(new Error("no film"))), { once: true });
  });
}

function drawn(video) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const scale = Math.min(WIDTH / video.videoWidth, HEIGHT / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  canvas.getContext("2d").drawImage(video, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  return canvas.toDataURL("image/jpeg", 0.8);
}
