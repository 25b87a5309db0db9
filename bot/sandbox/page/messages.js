// The messages of the channel that is open, each an article that follows its message's edits.

import { leaves, usable } from "./commands.js";
import { showRows } from "./components.js";
import { $, h, icon, renew } from "./dom.js";
import { emit } from "./events.js";
import { follow } from "./follow.js";
import { embeds, showFiles } from "./media.js";
import { messageMenu, personMenu } from "./menu.js";
import { EPHEMERAL, LOADING, mentionsMe, state } from "./state.js";
import { markdown, moment, plain } from "./text.js";
import { parts, t } from "./texts.js";
import { markRead } from "./unread.js";
import { act, sinceLastAct } from "./wire.js";

export function arrive(message) {
  state.messages.set(message.id, message);
  if (message.author.id !== state.viewer && state.people.get(message.author.id)?.bot) {
    clearTimeout(state.typing.get(message.channel_id));
    state.typing.delete(message.channel_id);
  }
  if (message.channel_id !== state.channel) {
    return emit("unread");
  }
  markRead(state.channel);
  $("log").append(article(message));
  group();
  const asked = message.flags & EPHEMERAL && sinceLastAct() < 5000;
  if (message.author.id === state.viewer || asked) follow.now();
  else if (!follow.atEnd) $("to-newest").hidden = false;
}

export function refresh(message) {
  state.messages.set(message.id, message);
  requote(message.id, message);
  const element = $(`m${message.id}`);
  if (!element) return;
  // Read aloud what an edit ends with, and not each step of its progress.
  element.setAttribute("aria-live", "off");
  const before = element.querySelector(".slot-rows").dataset.key;
  fill(element, message);
  const ended = message.components.length && before !== element.querySelector(".slot-rows").dataset.key;
  if (ended) $("aloud").textContent = `${message.author.username}: ${plain(message.content)}`;
}

export function vanish(id) {
  state.messages.delete(id);
  requote(id, null);
  $(`m${id}`)?.remove();
  if (state.replyTo?.id === id) state.replyTo = null;
  group();
}

/** Replies show how the message that they answer is now, or that it is gone. */
function requote(id, quoted) {
  for (const message of state.messages.values()) {
    if (message.referenced_message?.id !== id) continue;
    message.referenced_message = quoted;
    const element = $(`m${message.id}`);
    if (element) fill(element, message);
  }
}

/** Messages that one person writes in a row stand under one name. */
export function group() {
  let before = null;
  for (const element of $("log").children) {
    const now = { author: element.dataset.author, at: Number(element.dataset.at) };
    const alone = element.querySelector(".above") || element.classList.contains("whisper");
    element.classList.toggle("grouped", Boolean(
      before && !alone && before.author === now.author && now.at - before.at < 420000));
    before = element.classList.contains("whisper") ? null : now;
  }
}

export function article(message) {
  const by = state.people.get(message.author.id) ?? { name: message.author.username, bot: true };
  const element = h("article", { id: `m${message.id}`, role: "article", tabIndex: -1 },
    h("div", { class: "slot-above" }),
    avatar(by),
    h("div", { class: "by" },
      h("button", { type: "button", onclick: (event) => personMenu(event.currentTarget, by) }, by.name),
      by.bot && h("span", { class: "tag" }, t("sandbox-app")), moment(Date.parse(message.timestamp))),
    h("div", { class: "slot-text" }), h("div", { class: "slot-pictures" }), h("div", { class: "slot-embeds" }),
    h("div", { class: "slot-rows" }), h("div", { class: "slot-below" }), tools(message, by));
  Object.assign(element.dataset, { author: message.author.id, at: Date.parse(message.timestamp) });
  element.addEventListener("contextmenu", (event) => {
    if (event.target.closest(".text a, button, select")) return;
    event.preventDefault();
    messageMenu(element.querySelector(".always"), message.id, { x: event.clientX, y: event.clientY });
  });
  fill(element, message);
  return element;
}

function avatar(by, extra = "") {
  return h("div", { class: `avatar ${by.bot ? "bot" : by.name.toLowerCase()} ${extra}`, "aria-hidden": "true" },
    by.bot ? icon("brush") : by.name[0]);
}

function tools(message, by) {
  if (message.local) return null;
  return h("div", { class: "tools" },
    !(message.flags & EPHEMERAL) && h("button", {
      type: "button", class: "plain", "aria-label": t("sandbox-reply-to", { name: by.name }), title: t("sandbox-reply"), onclick: () => emit("reply", { id: message.id }),
    }, icon("reply")),
    h("button", {
      type: "button", class: "plain always", "aria-label": t("sandbox-menu"), title: t("sandbox-menu"), "aria-haspopup": "menu",
      onclick: (event) => messageMenu(event.currentTarget, message.id),
    }, icon("more")));
}

/** Bring an article up to date; a part whose source did not change keeps its elements, and so nothing flickers. */
function fill(element, message) {
  element.classList.toggle("called", mentionsMe(message) && !(message.flags & EPHEMERAL));
  element.classList.toggle("whisper", Boolean(message.flags & EPHEMERAL));
  const part = (slot, source, make) => renew(element.querySelector(`:scope > .slot-${slot}`), source, make);
  const quoted = message.referenced_message;
  part("above", [message.interaction, message.message_reference, quoted && [quoted.content, quoted.attachments.length]],
    (place) => place.replaceChildren(...above(message)));
  part("text", [message.content, message.edited_timestamp !== null, message.flags & LOADING], (place) => {
    if (message.flags & LOADING) return place.replaceChildren(h("p", { class: "thinking" }, t("sandbox-thinking")));
    const edited = message.edited_timestamp && !message.author.bot && h("span", { class: "edited" }, ` ${t("sandbox-edited")}`);
    place.replaceChildren(...(message.content ? [h("div", { class: "text" }, ...markdown(message.content)), edited || ""] : []));
  });
  part("pictures", message.attachments, (place) => showFiles(place, message.attachments));
  element.setAttribute("aria-label", nameOf(element, message));
  part("embeds", message.embeds, (place) => place.replaceChildren(...embeds(message.embeds)));
  part("rows", message.components, (place) => showRows(place, message));
  part("below", [message.flags & EPHEMERAL, message.local], (place) => place.replaceChildren(...below(message)));
}

/** What a message is called: who wrote it, when, and what its first picture shows. */
function nameOf(element, message) {
  const name = element.querySelector(".by button").textContent, time = element.querySelector(".by time").textContent;
  const picture = message.attachments.find((file) => file.description)?.description;
  return picture ? t("sandbox-article-picture", { name, time, picture }) : t("sandbox-article", { name, time });
}

function above(message) {
  const quoted = message.referenced_message;
  if (message.interaction && !message.message_reference) {
    const by = state.people.get(message.interaction.user.id);
    const command = h("span", { class: "slash" }, commandName(message));
    return [h("div", { class: "above" }, avatar(by, "mini"), ...parts("sandbox-used", { name: h("b", {}, by.name), command }))];
  }
  if (!message.message_reference) return [];
  if (!quoted) return [h("div", { class: "above" }, icon("reply"), h("i", {}, t("sandbox-deleted")))];
  const by = state.people.get(quoted.author.id);
  const text = quoted.content || t(quoted.attachments.length ? "sandbox-a-picture" : "sandbox-a-reply");
  const pinged = message.mentions.some((user) => user.id === quoted.author.id) ? "@" : "";
  return [h("div", { class: "above" }, avatar(by, "mini"), h("b", {}, pinged + by.name),
    h("button", { type: "button", onclick: () => emit("jump", { id: quoted.id }) }, plain(text)))];
}

/** The command that a message answers, by its name in the member's language. */
function commandName({ type, interaction: { name } }) {
  if (type === 23) return usable().find((command) => command.type !== 1 && command.name === name)?.label ?? name;
  return `/${leaves().find((leaf) => leaf.name === name)?.label ?? name}`;
}

function below(message) {
  if (!(message.flags & EPHEMERAL)) return [];
  const dismiss = () => (message.local ? emit("delete", { id: message.id }) : act("dismiss", { message_id: message.id }));
  return [h("div", { class: "below" }, icon("eye"), t("sandbox-only-you"),
    h("button", { type: "button", onclick: dismiss }, t("sandbox-dismiss")))];
}
