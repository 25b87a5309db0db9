// Forms that the bot shows.

import { $, h } from "./dom.js";
import { markdown } from "./text.js";
import { t } from "./texts.js";
import { act } from "./wire.js";

export function showModal({ interaction_id, modal }) {
  const inputs = new Map();
  const rows = modal.components.map((outer) => {
    if (outer.content) return h("div", { class: "text" }, ...markdown(outer.content));
    const item = outer.component ?? outer.components[0];
    const input = field(item);
    inputs.set(item.custom_id, input);
    const needed = item.required === false ? "" : " *";
    return h("label", {}, `${outer.label ?? item.label ?? ""}${needed}`, outer.description && h("small", {}, outer.description), input);
  });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const done = h("button", { class: "style-1" }, t("sandbox-submit"));
  const form = h("form", { noValidate: true }, h("h2", { id: "modal-title" }, modal.title), ...rows, wrong,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => $("modal").close() }, t("sandbox-cancel")), done));
  form.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    done.disabled = true;
    const fields = Object.fromEntries([...inputs].map(([id, input]) => [id, input.multiple || input.tagName === "SELECT"
      ? [...input.selectedOptions].map((option) => option.value).filter(Boolean) : input.value]));
    const outcome = await act("modal", { interaction_id, fields });
    done.disabled = false;
    if (outcome.outcome === "modal") return showModal(outcome);
    if (!outcome.error) return $("modal").close();
    wrong.textContent = outcome.outcome === "failed" ? t("sandbox-try-again") : outcome.error;
  });
  $("modal").replaceChildren(form);
  if (!$("modal").open) $("modal").showModal();
  [...inputs.values()][0]?.focus();
}

function field(item) {
  const shared = { placeholder: item.placeholder ?? "", required: item.required !== false };
  if (item.type === 3) {
    return h("select", { ...shared, multiple: (item.max_values ?? 1) > 1 }, (item.max_values ?? 1) === 1 && h("option", { value: "" }, item.placeholder ?? t("sandbox-choose-one")),
      ...item.options.map((option) => h("option", { value: option.value, selected: option.default }, optionText(option))));
  }
  const limits = { maxLength: item.max_length ?? 4000, value: item.value ?? "" };
  return item.style === 2 ? h("textarea", { ...shared, ...limits, rows: 5 }) : h("input", { ...shared, ...limits, type: "text" });
}

export const optionText = (option) => `${option.emoji?.name ? `${option.emoji.name} ` : ""}${option.label}${option.description ? ` — ${option.description}` : ""}`;
