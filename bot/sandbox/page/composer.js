// The message box: what is written in it, what goes with it, and the keys that work there.

import { submit } from "./calls.js";
import { fileOption, read } from "./commands.js";
import { ask, completion, showCompletion, suggestions } from "./completion.js";
import { $, h, icon, renew } from "./dom.js";
import { follow } from "./follow.js";
import { forget, hint, lastSaid, say } from "./hint.js";
import { isPicture, local } from "./media.js";
import { showOptions } from "./options.js";
import { ATTACHMENT, arrived, state } from "./state.js";
import { parts, t } from "./texts.js";
import { showTries } from "./tries.js";
import { explain } from "./wire.js";

/** Everything under and above the message box that depends on what is in it. */
export function suggest() {
  const box = $("message");
  const command = read(box.value);
  const before = JSON.stringify(completion.items);
  completion.items = document.activeElement === box && state.channel ? suggestions(command, box.value) : [];
  if (JSON.stringify(completion.items) !== before) { completion.index = 0; completion.moved = false; }
  if (command?.typing?.option.autocomplete) ask(command).then((came) => came && suggest());
  showCompletion(accept);
  hint(command);
  $("replying").hidden = !state.replyTo;
  if (state.replyTo) {
    $("replying").querySelector("span").replaceChildren(...parts("sandbox-replying-to", { name: h("b", {}, state.people.get(state.replyTo.author.id).name) }));
    $("ping").textContent = t(state.ping ? "sandbox-ping-on" : "sandbox-ping-off");
    $("ping").setAttribute("aria-pressed", String(state.ping));
    $("ping").title = t(state.ping ? "sandbox-ping-on-why" : "sandbox-ping-off-why");
  }
  showOptions(command, choose);
  showTries();
  $("files").hidden = !state.files.length;
  const files = state.files.map((file) => ({ ...file, of: command && fileOption(command, file)?.label }));
  renew($("files"), files, () => $("files").replaceChildren(...files.map(fileItem)));
}

function fileItem(file) {
  const remove = () => { state.files = state.files.filter((other) => other.id !== file.id); focusMessage(); suggest(); };
  return h("li", {}, isPicture(file) ? h("img", { src: local(file.url), alt: "" }) : icon("file"),
    h("span", {}, file.of ? `${file.of}: ${file.filename}` : file.filename),
    h("button", { type: "button", class: "plain", "aria-label": t("sandbox-remove", { file: file.filename }), onclick: remove }, icon("close")));
}

/** Go to an option's value: to the words that are there, to a new place at the end, or to the file chooser. */
function choose(name) {
  const box = $("message");
  const command = read(box.value);
  const option = command.leaf.options.find((each) => each.name === name);
  if (option.type === ATTACHMENT) return pick(option.name);
  const [start, end] = command.spans.get(option.name) ?? [];
  if (start === undefined && !command.values.has(option.name)) return write(`${box.value.trimEnd()} ${option.label}: `);
  focusMessage();
  if (start !== undefined) box.setSelectionRange(start, end);
}

function accept(index) {
  const item = completion.items[index];
  if (item.file) { // a file cannot be typed
    $("message").value = item.text.replace(/\S+: $/, "");
    return pick(item.file);
  }
  write(item.text);
}

function write(text) {
  $("message").value = text;
  forget();
  focusMessage();
  suggest();
}

export const insert = (text) => write(`${$("message").value}${text}`);

export function focusMessage() {
  const box = $("message");
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

export function replyTo(id) {
  state.replyTo = state.messages.get(id);
  state.ping = state.replyTo.author.id !== state.viewer;
  focusMessage();
  suggest();
}

let pickingFor = null;

function pick(option) {
  pickingFor = option;
  $("picker").click();
}

/** Send a file ahead of the message or command that it goes with. */
function upload(file, option) {
  const going = transfer(file, option);
  uploads.add(going);
  going.finally(() => uploads.delete(going));
}

const uploads = new Set(); // those that are still on their way

async function transfer(file, option) {
  const where = `/page/upload?as=${encodeURIComponent(state.speaker)}&name=${encodeURIComponent(file.name)}`;
  try {
    const response = await fetch(where, { method: "POST", body: file });
    const answer = await response.json();
    if (!response.ok) return say(explain(answer), true);
    state.files = [...state.files.filter((other) => !option || other.option !== option), { ...answer, option }];
  } catch {
    say(t("sandbox-file-failed"), true);
  }
  focusMessage();
  suggest();
}

async function send() {
  await Promise.all([...uploads, arrived()]);
  const box = $("message");
  const text = box.value;
  const command = read(text);
  if (command && !command.leaf && completion.items.length) return accept(completion.index);
  const { replyTo: answered, files } = state;
  box.value = "";
  forget();
  const going = submit(text);
  Object.assign(state, { replyTo: null, files: [] });
  suggest();
  follow.now();
  if (await going) return;
  // Nothing was sent: give the words back, unless others were written meanwhile.
  if (!box.value) { box.value = text; Object.assign(state, { replyTo: answered, files }); }
  const kept = lastSaid();
  suggest();
  if (kept) say(kept.text, kept.wrong);
}

function typed(event) {
  const open = completion.items.length > 0;
  if (event.isComposing) return; // Enter and the arrows belong to the input method
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (open && completion.moved) accept(completion.index);
    else send();
  } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    completion.index = (completion.index + step + completion.items.length) % completion.items.length;
    completion.moved = true;
    showCompletion(accept);
  } else if (open && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    accept(completion.index);
  } else if (event.key === "Escape") {
    if (open) { completion.items = []; showCompletion(accept); } else { state.replyTo = null; suggest(); }
  }
}

/** Listen to the box and to everything around it. */
export function startComposer() {
  $("message").addEventListener("keydown", typed);
  $("message").addEventListener("input", () => { forget(); suggest(); });
  $("message").addEventListener("focus", suggest);
  $("message").addEventListener("blur", suggest);
  $("message").addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) { event.preventDefault(); files.forEach((file) => upload(file, null)); }
  });
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  $("ping").addEventListener("click", () => { state.ping = !state.ping; focusMessage(); suggest(); });
  $("unreply").addEventListener("click", () => { state.replyTo = null; focusMessage(); suggest(); });
  $("attach").addEventListener("click", () => {
    const option = read($("message").value)?.leaf?.options.find((each) => each.type === ATTACHMENT);
    pick(option?.name ?? null);
  });
  $("picker").addEventListener("change", () => {
    for (const file of $("picker").files) upload(file, pickingFor);
    $("picker").value = "";
  });
  const page = document.querySelector("main");
  page.addEventListener("dragover", (event) => { event.preventDefault(); page.classList.add("dropping"); });
  page.addEventListener("dragleave", (event) => { if (!page.contains(event.relatedTarget)) page.classList.remove("dropping"); });
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    page.classList.remove("dropping");
    for (const file of event.dataTransfer.files) upload(file, null);
  });
}
