// What can be done with a message or a person, in a menu that opens beside them.

import { runMenu, report } from "./calls.js";
import { usable } from "./commands.js";
import { $, h } from "./dom.js";
import { emit } from "./events.js";
import { EPHEMERAL, here, state } from "./state.js";
import { t } from "./texts.js";
import { act } from "./wire.js";

function openMenu(anchor, items, at) {
  const menu = $("menu");
  menu.replaceChildren(...items.filter(Boolean).map((item) => (typeof item === "string" ? h("p", {}, item) : h("button", {
    type: "button", role: "menuitem", class: item.danger ? "danger" : "", onclick: () => { menu.hidePopover(); item.run(); },
  }, item.name))));
  menu.showPopover();
  const box = anchor.getBoundingClientRect();
  const { x, y } = at ?? { x: box.right - menu.offsetWidth, y: box.bottom + 4 };
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  anchor.setAttribute("aria-expanded", "true");
  menu.ontoggle = (event) => { if (event.newState === "closed") anchor.setAttribute("aria-expanded", "false"); };
  menu.querySelector("button")?.focus();
}

export function messageMenu(anchor, id, at) {
  const message = state.messages.get(id);
  if (!message || message.local) return;
  const whisper = message.flags & EPHEMERAL;
  const apps = usable().filter((command) => command.type === 3);
  const mayDelete = message.author.id === state.viewer || (!here().dm && state.commands.length && moderates());
  openMenu(anchor, [
    !whisper && { name: t("sandbox-reply"), run: () => emit("reply", { id }) },
    message.content && { name: t("sandbox-copy"), run: () => navigator.clipboard?.writeText(message.content) },
    mayDelete && !whisper && { name: t("sandbox-delete"), danger: true, run: async () => report(await act("delete", { message_id: id })) },
    apps.length && t("sandbox-apps"),
    ...apps.map((command) => ({ name: command.label, run: () => runMenu(command, id) })),
  ], at);
}

const moderates = () => state.people.get(state.viewer).name === "Mo";

export function personMenu(anchor, by) {
  const apps = usable().filter((command) => command.type === 2);
  const dm = state.channels.find((channel) => channel.dm);
  openMenu(anchor, [
    { name: t("sandbox-mention", { name: by.name }), run: () => emit("insert", { text: `@${by.name} ` }) },
    by.bot && dm.id !== state.channel && { name: t("sandbox-open-dm"), run: () => emit("open", { id: dm.id }) },
    apps.length && t("sandbox-apps"),
    ...apps.map((command) => ({ name: command.label, run: () => runMenu(command, by.id) })),
  ]);
}
