// The buttons and menus under a message.

import { h } from "./dom.js";
import { unsay } from "./hint.js";
import { optionText, showModal } from "./modal.js";
import { link } from "./text.js";
import { t } from "./texts.js";
import { act } from "./wire.js";

export function showRows(place, message) {
  const focused = place.contains(document.activeElement) && document.activeElement.dataset.customId;
  place.replaceChildren(...message.components.map((row) => h("div", { class: "row" },
    ...row.components.map((item) => (item.type === 2 ? button(item, message) : select(item, message))))));
  if (focused) [...place.querySelectorAll("[data-custom-id]")].find((item) => item.dataset.customId === focused)?.focus();
}

function button(item, message) {
  const label = [item.emoji?.name && h("span", { "aria-hidden": item.label ? "true" : null }, item.emoji.name), item.label];
  if (item.style === 5) return link(item.url, ...label.filter(Boolean));
  return h("button", {
    type: "button", class: `style-${item.style}`, disabled: item.disabled, "data-custom-id": item.custom_id,
    onclick: (event) => use(event.currentTarget, "click", message, { custom_id: item.custom_id }),
  }, ...label);
}

function select(item, message) {
  const options = item.options ?? [];
  const element = h("select", {
    "aria-label": item.placeholder || t("sandbox-choose"), disabled: item.disabled, "data-custom-id": item.custom_id,
    multiple: item.max_values > 1, size: item.max_values > 1 ? Math.min(options.length, 6) : 0,
  }, item.max_values === 1 && h("option", { value: "", disabled: true, defaultSelected: !options.some((option) => option.default) }, item.placeholder || t("sandbox-choose-one")),
  ...options.map((option) => h("option", { value: option.value, defaultSelected: option.default, title: option.description }, optionText(option))));
  element.addEventListener("change", async () => {
    const values = [...element.selectedOptions].map((option) => option.value);
    const used = await use(element, "select", message, { custom_id: item.custom_id, values });
    if (!used) for (const option of element.options) option.selected = option.defaultSelected;
  });
  return element;
}

/** Use a button or a select; what goes wrong is shown under the message, and the answer is false. */
async function use(element, path, message, body) {
  const below = element.closest("article");
  below.querySelector(".failed")?.remove();
  unsay();
  element.setAttribute("aria-busy", "true");
  const outcome = await act(path, { message_id: message.id, ...body });
  element.removeAttribute("aria-busy");
  if (outcome.outcome === "modal") showModal(outcome);
  if (outcome.error) below.append(h("p", { class: "failed", role: "alert" }, outcome.outcome === "failed" ? t("sandbox-interaction-failed") : outcome.error));
  return !outcome.error;
}
