// What a newcomer may try, one press each: draw, change it, four at once, a moderator's limit.

import { submit, report } from "./calls.js";
import { leaves } from "./commands.js";
import { $, h, icon, renew } from "./dom.js";
import { emit } from "./events.js";
import { rove } from "./tabs.js";
import { here, newestPicture, state } from "./state.js";
import { t } from "./texts.js";
import { act } from "./wire.js";

const CLOSED = "tries-closed"; // in this browser's own store
const MODERATOR = "Mo";

/** Show what there is to try while nothing is being written. */
export function showTries() {
  const idle = !$("message").value && !state.replyTo && !state.files.length;
  const chips = idle && (here()?.home || here()?.dm) && !localStorage.getItem(CLOSED) ? tries() : [];
  $("tries").hidden = !chips.length;
  renew($("tries"), chips.map(({ name, text, off }) => [name, text, off]), () => fill(chips));
}

function fill(chips) {
  $("tries").replaceChildren(...chips.map(({ name, text, off, run }) => h("button", {
    type: "button", class: "chip", "aria-disabled": off ? "true" : null, title: off ? t("sandbox-try-none") : null,
    onclick: () => (off ? null : run()),
  }, h("b", {}, t(name)), " ", text)), h("button", {
    type: "button", class: "plain", "aria-label": t("sandbox-tries-close"), title: t("sandbox-tries-close"),
    onclick: () => { localStorage.setItem(CLOSED, "1"); showTries(); $("message").focus(); },
  }, icon("close")));
  rove($("tries"));
}

function tries() {
  const imagine = leaves().find((leaf) => leaf.name === "imagine");
  if (!imagine) return []; // the bot has not said yet what it can do
  const count = imagine.options.find((option) => option.name === "count");
  const draw = `/${imagine.label} ${t("sandbox-words-draw")}`;
  const four = count && `/${imagine.label} ${t("sandbox-words-set")} ${count.label}: 4`;
  const change = t("sandbox-words-change"), limit = t("sandbox-words-limit");
  const picture = newestPicture();
  return [
    { name: "sandbox-try-draw", text: draw, run: () => submit(draw) },
    { name: "sandbox-try-change", text: `↩ ${change}`, off: !picture, run: () => reply(newestPicture(), change) },
    four && { name: "sandbox-try-set", text: four, run: () => submit(four) },
    !here().dm && { name: "sandbox-try-limit", text: limit, run: () => emit("speak", { as: MODERATOR, next: () => submit(limit) }) },
  ].filter(Boolean);
}

async function reply(picture, content) {
  report(await act("message", { content, attachments: [], reply_to: picture.id, ping: true }));
}
