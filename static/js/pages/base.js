/** What every page has: the theme, menus that close, keys, messages, the bar while offline. */

import { adding } from "../frame/adding.js";
import { copying } from "../frame/copying.js";
import { menus } from "../frame/menus.js";
import { offline } from "../frame/offline.js";
import { shortcuts } from "../frame/shortcuts.js";
import { themeSwitch } from "../frame/theme_switch.js";
import { adoptMessages } from "../toasts.js";

themeSwitch();
menus();
shortcuts();
copying();
adding();
offline();
adoptMessages();
