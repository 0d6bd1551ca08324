/** The page on which a film is added to a playlist: the list gets shorter while one types. */

import { finding } from "../playlist/finding.js";

finding(document.getElementById("adding"));
document.querySelector("[data-words]").focus();
