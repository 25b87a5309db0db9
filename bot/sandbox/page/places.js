// The channels, the way between them, and the way to one message.

import { leaves } from "./commands.js";
import { focusMessage, suggest } from "./composer.js";
import { $, h, icon } from "./dom.js";
import { follow } from "./follow.js";
import { say } from "./hint.js";
import { article, group } from "./messages.js";
import { here, state, title } from "./state.js";
import { rove } from "./tabs.js";
import { parts, t } from "./texts.js";
import { markRead, unread } from "./unread.js";

export function listPlaces() {
  const item = (channel) => {
    const mentions = unread(channel.id);
    return h("li", {}, h("button", {
      type: "button", class: mentions === null ? "" : "unread",
      "aria-current": channel.id === state.channel ? "page" : null, onclick: () => openChannel(channel.id, true),
    }, icon(channel.dm ? "brush" : "hash"), title(channel),
    mentions ? h("span", { class: "count" }, String(mentions)) : mentions === 0 && h("span", { class: "dot" })));
  };
  const news = state.channels.map((channel) => unread(channel.id)).filter((count) => count !== null);
  const count = news.reduce((sum, each) => sum + each, 0);
  document.title = `${count ? `(${count}) ` : ""}${$("guild").textContent}`;
  $("open-places").classList.toggle("unread", news.length > 0);
  $("open-places").title = news.length ? t("sandbox-news") : "";
  $("channels").replaceChildren(...state.channels.filter((channel) => !channel.dm).map(item));
  $("dms").replaceChildren(...state.channels.filter((channel) => channel.dm).map(item));
  rove($("places"));
}

export function openChannel(id, byHand = false) {
  if (byHand) state.drafts.set(state.channel, $("message").value);
  state.channel = id;
  sessionStorage.setItem("channel", id);
  markRead(id);
  state.replyTo = null;
  listPlaces();
  togglePlaces(false);
  const channel = here();
  $("place").querySelector("h2").replaceChildren(icon(channel.dm ? "brush" : "hash"), title(channel));
  $("place").querySelector("p").textContent = channel.topic;
  $("message").placeholder = t("sandbox-write-to", { place: `${channel.dm ? "" : "#"}${title(channel)}` });
  showWelcome();
  const shown = [...state.messages.values()].filter((message) => message.channel_id === id);
  $("log").replaceChildren(...shown.map(article));
  group();
  follow.now();
  if (byHand) { $("message").value = state.drafts.get(id) ?? ""; focusMessage(); }
  suggest();
}

/** Say what this channel is for; anew when the bot has said what its commands are called. */
export function showWelcome() {
  $("welcome").replaceChildren(...welcome(here()));
}

function welcome(channel) {
  const mark = h("div", { class: "mark" }, icon(channel.dm || channel.home ? "brush" : "hash"));
  if (!channel.dm && !channel.home) {
    return [mark, h("h3", {}, t("sandbox-welcome-to", { place: `#${channel.name}` })), h("p", {}, channel.topic)];
  }
  const imagine = leaves().find((leaf) => leaf.name === "imagine")?.label ?? "imagine";
  const example = h("b", {}, `/${imagine} ${t("sandbox-words-draw")}`);
  return [
    mark,
    h("h3", {}, t(channel.dm ? "sandbox-welcome-dm" : "sandbox-welcome")),
    h("p", {}, ...parts(channel.dm ? "sandbox-how-dm" : "sandbox-how", { example })),
  ];
}

export function togglePlaces(open) {
  document.body.classList.toggle("placing", open);
  $("open-places").setAttribute("aria-expanded", String(open));
  document.querySelector("main").inert = open; // on a phone the places lie over the conversation
  if (open) $("channels").querySelector("button").focus();
}

/** Show one element of the conversation, also from another channel, and mark it for a moment. */
export function jump(id) {
  const message = state.messages.get(id);
  if (message && message.channel_id !== state.channel) openChannel(message.channel_id, true);
  const element = $(`m${id}`);
  if (!element) return say(t("sandbox-gone"));
  follow.atEnd = false;
  element.scrollIntoView({ block: "center" });
  element.classList.remove("found");
  requestAnimationFrame(() => element.classList.add("found"));
  element.focus({ preventScroll: true });
}
