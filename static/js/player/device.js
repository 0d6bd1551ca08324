/** What this device is called beside a position: "Firefox on Linux". Pure. */

import { filled, gettext } from "../gettext.js";

const BROWSERS = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "Mac"],
  [/Linux|X11/, "Linux"],
];

const named = (list, agent) => list.find(([mark]) => mark.test(agent))?.[1];

export function device(agent = "") {
  const browser = named(BROWSERS, agent) ?? gettext("Browser");
  const system = named(SYSTEMS, agent);
  return system ? filled(gettext("%(browser)s on %(system)s"), { browser, system }) : browser;
}
