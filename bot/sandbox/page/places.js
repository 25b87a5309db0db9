// The channels, the way between them, and the way to one message.

import { submit } from "./calls.js";
import { focusMessage, suggest } from "./composer.js";
import { $, h, icon } from "./dom.js";
import { follow } from "./follow.js";
import { say } from "./hint.js";
import { article, group } from "./messages.js";
import { here, state, title } from "./state.js";
import { markRead, unread } from "./unread.js";

const EXAMPLES = ["a boat on a lake at sunset", "a white cat in the snow at night", "夕阳下的海滩"];

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
  document.title = `${count ? `(${count}) ` : ""}Limner Sandbox`;
  $("open-places").classList.toggle("unread", news.length > 0);
  $("open-places").title = news.length ? "There are new messages elsewhere" : "";
  $("channels").replaceChildren(...state.channels.filter((channel) => !channel.dm).map(item));
  $("dms").replaceChildren(...state.channels.filter((channel) => channel.dm).map(item));
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
  $("message").placeholder = `Message ${channel.dm ? "" : "#"}${title(channel)}`;
  $("welcome").replaceChildren(...welcome(channel));
  const shown = [...state.messages.values()].filter((message) => message.channel_id === id);
  $("log").replaceChildren(...shown.map(article));
  group();
  follow.now();
  if (byHand) { $("message").value = state.drafts.get(id) ?? ""; focusMessage(); }
  suggest();
}

function welcome(channel) {
  const mark = h("div", { class: "mark" }, icon(channel.dm || channel.name === "drawing" ? "brush" : "hash"));
  if (!channel.dm && channel.name !== "drawing") {
    return [mark, h("h3", {}, `Welcome to #${channel.name}`), h("p", {}, channel.topic)];
  }
  const examples = EXAMPLES.map((words) => h("button", {
    type: "button", onclick: () => submit(`/imagine ${words}`),
  }, `/imagine ${words}`));
  return [
    mark,
    h("h3", {}, channel.dm ? "You and Limner" : "A little Discord on your own machine"),
    h("p", {}, "Type ", h("b", {}, `/imagine ${EXAMPLES[0]}`),
      channel.dm ? ", or reply to a picture to change it." :
        ", or press one of these. Nothing you write here leaves this computer."),
    h("div", { class: "examples" }, examples),
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
  if (!element) return say("That message is not here any more.");
  follow.atEnd = false;
  element.scrollIntoView({ block: "center" });
  element.classList.remove("found");
  requestAnimationFrame(() => element.classList.add("found"));
  element.focus({ preventScroll: true });
}
