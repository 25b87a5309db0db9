// The options of the command that is being written, each a button that leads to its value.

import { fileOption } from "./commands.js";
import { $, h, renew } from "./dom.js";
import { state } from "./state.js";
import { rove } from "./tabs.js";
import { t } from "./texts.js";

/** Show the command's options; `choose` is called with the name of the one that was pressed. */
export function showOptions(command, choose) {
  const bar = $("options");
  const options = command?.leaf?.options ?? [];
  bar.hidden = !options.length;
  const chips = options.map((option) => about(option, command));
  renew(bar, chips, () => fill(bar, chips, choose));
}

function fill(bar, chips, choose) {
  const focused = bar.contains(document.activeElement) && document.activeElement.dataset.option;
  bar.replaceChildren(...chips.map((option) => chip(option, () => choose(option.name))));
  rove(bar);
  if (focused) bar.querySelector(`[data-option="${CSS.escape(focused)}"]`)?.focus();
  bar.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function about(option, command) {
  const given = Boolean(command.values.get(option.name)) || state.files.some((file) => fileOption(command, file) === option);
  const { name, label, description } = option;
  return { name, label, description, given, missing: Boolean(option.required) && !given, current: command.current?.option === option };
}

function chip({ name, label, description, given, missing, current }, onclick) {
  return h("button", {
    type: "button", class: `chip${given ? " given" : ""}${missing ? " missing" : ""}`, title: description, "data-option": name,
    "aria-current": current ? "true" : null, onclick,
  }, given && h("span", { "aria-hidden": "true" }, "✓ "), label, missing && ` ${t("sandbox-needed")}`, given && h("span", { class: "unseen" }, ` ${t("sandbox-given")}`));
}
