// What a moderator does about the models: sees which fit this machine, fetches one, and switches to it.

import { $, h } from "./dom.js";
import { state } from "./state.js";
import { t } from "./texts.js";

const POLL_MS = 1000;
const button = h("button", { id: "open-models", type: "button", hidden: true, onclick: open });
const dialog = h("dialog", { id: "models", "aria-labelledby": "models-title", onclose: () => clearTimeout(timer) });
let timer;

/** What the desk lists, or {error}; with a body, after what it asks for was done. */
async function ask(body) {
  const who = { as: state.speaker, locale: state.locale };
  try {
    const answer = await fetch(body ? "/page/models" : `/page/models?${new URLSearchParams(who)}`, body && {
      method: "POST", body: JSON.stringify({ ...who, ...body }),
    });
    const result = await answer.json();
    return answer.ok ? result : { error: result.message ?? answer.statusText };
  } catch {
    return { error: t("sandbox-unreachable") };
  }
}

async function open() {
  dialog.showModal();
  show(await ask());
}

async function act(verb, name) { show(await ask({ verb, name })); }

function show(desk) {
  clearTimeout(timer);
  const problem = desk.error ?? desk.failed;
  const note = dialog.querySelector("[role=status]");
  if (desk.error && note) { note.textContent = desk.error; return; }
  const focused = document.activeElement?.dataset?.act;
  dialog.replaceChildren(...[
    h("h2", { id: "models-title" }, desk.texts?.title),
    h("p", { role: "status" }, desk.fetching?.text ?? problem ?? ""),
    desk.fetching && h("progress", { max: 100, value: desk.fetching.percent, "aria-label": desk.fetching.text }),
    desk.fetching && choice(desk.texts.stop, "stop", desk.fetching.name),
    h("ul", {}, [{ name: "starter", about: desk.texts?.starter, here: "whole", may: true }, ...desk.models ?? []].map((model) => row(desk, model))),
    h("form", { method: "dialog" }, h("button", { type: "submit" }, desk.texts?.close)),
  ].filter(Boolean));
  dialog.querySelector(`[data-act="${CSS.escape(focused ?? "")}"]`)?.focus();
  if (desk.fetching && dialog.open) timer = setTimeout(async () => show(await ask()), POLL_MS);
}

function row(desk, model) {
  const used = desk.using === model.name;
  return h("li", { "aria-current": used && "true" },
    h("span", {}, model.about), model.fits && h("small", {}, model.fits),
    model.here !== "whole" && !desk.fetching && choice(desk.texts.fetch, "fetch", model.name),
    model.here === "whole" && !used && choice(desk.texts.use, "use", model.name));
}

function choice(text, verb, name) {
  return h("button", { type: "button", "data-act": `${verb} ${name}`, "aria-label": `${text}: ${name}`, onclick: () => act(verb, name) }, text);
}

/** Show the way to the models to whoever may look after them. */
export async function offerModels() {
  const desk = await ask();
  button.hidden = Boolean(desk.error);
  button.textContent = desk.texts?.title ?? "";
}

$("places").append(button);
document.body.append(dialog);
