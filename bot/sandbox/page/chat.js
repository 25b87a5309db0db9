// The sandbox's chat page: what a member sees, as Discord would show it, and what they do about it.
// No text that a person or a bot wrote ever becomes markup: elements are made one by one, and text is put in as text.

const EPHEMERAL = 64, LOADING = 128;
const STRING = 3, INTEGER = 4, BOOLEAN = 5, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, NUMBER = 10, ATTACHMENT = 11;
const EXAMPLES = ["a boat on a lake at sunset", "a white cat in the snow at night", "夕阳下的海滩"];

const $ = (id) => document.getElementById(id);
const state = {
  speaker: sessionStorage.getItem("speaker") ?? "Ada",
  channel: sessionStorage.getItem("channel"),
  viewer: "", people: new Map(), roles: [], channels: [], commands: [], online: true,
  messages: new Map(),
  unread: new Map(),     // channel id → how many unseen messages mention the viewer
  replyTo: null, ping: true,
  files: [],             // uploads waiting to be sent: {id, filename, option}
  typing: new Map(),     // channel id → timer
  drafts: new Map(),     // channel id → unsent text
};

/** An element with its properties, `on…` listeners and children; strings become text. */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// ---------------------------------------------------------------------------------------------------------- the wire

let lastAct = 0; // when this member last did something: its answer is worth scrolling to

async function act(path, body) {
  const channel = state.channel;
  if (path !== "autocomplete") lastAct = Date.now();
  try {
    const response = await fetch(`/page/${path}`, {
      method: "POST", body: JSON.stringify({ as: state.speaker, channel_id: channel, locale: navigator.language, ...body }),
    });
    const answer = await response.json();
    return response.ok ? answer : { error: explain(answer) };
  } catch {
    return { error: "The sandbox does not answer. Is it still running?" };
  }
}

/** The sentence in one of Discord's error bodies; a form's first error says more than "Invalid Form Body". */
function explain(body) {
  let errors = body.errors;
  while (errors && !errors._errors) errors = Object.values(errors)[0];
  return errors?._errors[0].message ?? body.message ?? "That did not work.";
}

let socket = null;

function connect() {
  socket?.close();
  const mine = socket = new WebSocket(`ws://${location.host}/page/events?as=${encodeURIComponent(state.speaker)}`);
  mine.onmessage = (frame) => { if (mine === socket) receive(JSON.parse(frame.data)); };
  mine.onclose = () => {
    if (mine !== socket) return;
    banner("The connection to the sandbox was lost. Reconnecting…");
    setTimeout(() => { if (mine === socket) connect(); }, 1000);
  };
}

function receive(change) {
  switch (change.event) {
    case "state": return enter(change);
    case "create": return arrive(change.message);
    case "update": return refresh(change.message);
    case "delete": return vanish(change.id);
    case "commands": state.commands = change.commands; return suggest();
    case "typing": return typing(change.channel_id);
    case "online": state.online = change.online; return presence();
  }
}

function enter(snapshot) {
  Object.assign(state, {
    viewer: snapshot.viewer, roles: snapshot.roles, channels: snapshot.channels, commands: snapshot.commands,
    online: snapshot.online,
    people: new Map(snapshot.people.map((person) => [person.id, person])),
    messages: new Map(snapshot.messages.map((message) => [message.id, message])),
  });
  state.unread.clear();
  if (!state.channels.some((channel) => channel.id === state.channel)) state.channel = state.channels[0].id;
  const select = $("speaker").querySelector("select");
  const members = snapshot.people.filter((person) => !person.bot);
  select.replaceChildren(...members.map((person) => h("option", { value: person.name }, person.name)));
  select.value = state.speaker = state.people.get(state.viewer).name;
  $("guild").textContent = snapshot.guild;
  presence();
  openChannel(state.channel);
}

function banner(text) {
  $("banner").hidden = !text;
  $("banner").textContent = text;
}

function presence() {
  banner(state.online ? "" : "Limner is offline just now. It will answer once it is connected.");
}

function typing(channel) {
  clearTimeout(state.typing.get(channel));
  state.typing.set(channel, setTimeout(() => { state.typing.delete(channel); suggest(); }, 10000));
  suggest();
}

// ---------------------------------------------------------------------------------------------------------- places

const here = () => state.channels.find((channel) => channel.id === state.channel);
const title = (channel) => (channel.dm ? "Limner" : channel.name);

function listPlaces() {
  const item = (channel) => {
    const mentions = state.unread.get(channel.id);
    return h("li", {}, h("button", {
      type: "button", class: mentions === undefined ? "" : "unread",
      "aria-current": channel.id === state.channel ? "page" : null, onclick: () => openChannel(channel.id, true),
    }, icon(channel.dm ? "brush" : "hash"), title(channel),
    mentions ? h("span", { class: "count" }, String(mentions)) : mentions === 0 && h("span", { class: "dot" })));
  };
  $("channels").replaceChildren(...state.channels.filter((channel) => !channel.dm).map(item));
  $("dms").replaceChildren(...state.channels.filter((channel) => channel.dm).map(item));
}

function openChannel(id, byHand = false) {
  if (byHand) state.drafts.set(state.channel, $("message").value);
  state.channel = id;
  sessionStorage.setItem("channel", id);
  state.unread.delete(id);
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

function togglePlaces(open) {
  document.body.classList.toggle("placing", open);
  $("open-places").setAttribute("aria-expanded", String(open));
  document.querySelector("main").inert = open; // on a phone the places lie over the conversation
  if (open) $("channels").querySelector("button").focus();
}

// ---------------------------------------------------------------------------------------------------------- messages

/** Keeps the newest message in view while the reader is at the end, and leaves them alone when they are not. */
const follow = {
  atEnd: true,
  top: 0,
  now() { this.atEnd = true; $("scroller").scrollTop = $("scroller").scrollHeight; $("to-newest").hidden = true; },
  start() {
    const scroller = $("scroller");
    scroller.addEventListener("scroll", () => {
      const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
      // Only a reader scrolls upwards; when the conversation grows, the end moves away without them.
      if (near || scroller.scrollTop < this.top) this.atEnd = near;
      this.top = scroller.scrollTop;
      if (near) $("to-newest").hidden = true;
    }, { passive: true });
    const watcher = new ResizeObserver(() => { if (this.atEnd) this.now(); });
    for (const element of [scroller, $("log"), $("welcome")]) watcher.observe(element);
  },
};

function arrive(message) {
  state.messages.set(message.id, message);
  if (message.author.id !== state.viewer && state.people.get(message.author.id)?.bot) {
    clearTimeout(state.typing.get(message.channel_id));
    state.typing.delete(message.channel_id);
  }
  if (message.channel_id !== state.channel) {
    const count = state.unread.get(message.channel_id) ?? 0;
    state.unread.set(message.channel_id, count + (mentionsMe(message) || dmOf(message) ? 1 : 0));
    return listPlaces();
  }
  $("log").append(article(message));
  group();
  suggest();
  const asked = message.flags & EPHEMERAL && Date.now() - lastAct < 5000;
  if (message.author.id === state.viewer || asked) follow.now();
  else if (!follow.atEnd) $("to-newest").hidden = false;
}

const dmOf = (message) => state.channels.find((channel) => channel.id === message.channel_id)?.dm;
const mentionsMe = (message) => message.mention_everyone || message.mentions.some((user) => user.id === state.viewer);

function refresh(message) {
  state.messages.set(message.id, message);
  const element = $(`m${message.id}`);
  if (!element) return;
  // Read aloud what an edit ends with, and not each step of its progress.
  element.setAttribute("aria-live", "off");
  const before = element.querySelector(".slot-rows").dataset.key;
  fill(element, message);
  const ended = message.components.length && before !== element.querySelector(".slot-rows").dataset.key;
  if (ended) $("aloud").textContent = `${message.author.username}: ${plain(message.content)}`;
}

function vanish(id) {
  state.messages.delete(id);
  $(`m${id}`)?.remove();
  if (state.replyTo?.id === id) { state.replyTo = null; suggest(); }
  group();
}

/** Messages that one person writes in a row stand under one name. */
function group() {
  let before = null;
  for (const element of $("log").children) {
    const now = { author: element.dataset.author, at: Number(element.dataset.at) };
    const alone = element.querySelector(".above") || element.classList.contains("whisper");
    element.classList.toggle("grouped", Boolean(
      before && !alone && before.author === now.author && now.at - before.at < 420000));
    before = element.classList.contains("whisper") ? null : now;
  }
}

function article(message) {
  const by = state.people.get(message.author.id) ?? { name: message.author.username, bot: true };
  const element = h("article", { id: `m${message.id}`, role: "article", tabIndex: -1 },
    h("div", { class: "slot-above" }),
    avatar(by),
    h("div", { class: "by" },
      h("button", { type: "button", onclick: (event) => personMenu(event.currentTarget, by) }, by.name),
      by.bot && h("span", { class: "tag" }, "APP"), moment(Date.parse(message.timestamp))),
    h("div", { class: "slot-text" }), h("div", { class: "slot-pictures" }), h("div", { class: "slot-embeds" }),
    h("div", { class: "slot-rows" }), h("div", { class: "slot-below" }), tools(message, by));
  Object.assign(element.dataset, { author: message.author.id, at: Date.parse(message.timestamp) });
  element.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, img, button, select")) return;
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
      type: "button", class: "plain", "aria-label": `Reply to ${by.name}`, title: "Reply", onclick: () => replyTo(message.id),
    }, icon("reply")),
    h("button", {
      type: "button", class: "plain always", "aria-label": "More", title: "More", "aria-haspopup": "menu",
      onclick: (event) => messageMenu(event.currentTarget, message.id),
    }, icon("more")));
}

/** Bring an article up to date; a part whose source did not change keeps its elements, and so nothing flickers. */
function fill(element, message) {
  element.classList.toggle("called", mentionsMe(message) && !(message.flags & EPHEMERAL));
  element.classList.toggle("whisper", Boolean(message.flags & EPHEMERAL));
  const part = (slot, source, make) => {
    const place = element.querySelector(`:scope > .slot-${slot}`);
    const key = JSON.stringify(source);
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    place.className = `slot-${slot}`;
    make(place);
  };
  const gone = message.referenced_message === null || (message.referenced_message && !state.messages.has(message.referenced_message.id));
  part("above", [message.interaction, message.message_reference, message.referenced_message?.content, gone],
    (place) => place.replaceChildren(...above(message)));
  part("text", [message.content, message.edited_timestamp !== null, message.flags & LOADING], (place) => {
    if (message.flags & LOADING) return place.replaceChildren(h("p", { class: "thinking" }, "Limner is thinking"));
    const edited = message.edited_timestamp && !message.author.bot && h("span", { class: "edited" }, " (edited)");
    place.replaceChildren(...(message.content ? [h("div", { class: "text" }, ...markdown(message.content)), edited || ""] : []));
  });
  part("pictures", message.attachments, (place) => showFiles(place, message.attachments));
  part("embeds", message.embeds, (place) => place.replaceChildren(...message.embeds.map(embed)));
  part("rows", message.components, (place) => showRows(place, message));
  part("below", [message.flags & EPHEMERAL, message.local], (place) => place.replaceChildren(...below(message)));
}

function above(message) {
  const quoted = message.referenced_message;
  if (message.interaction && !message.message_reference) {
    const by = state.people.get(message.interaction.user.id);
    return [h("div", { class: "above" }, avatar(by, "mini"), h("b", {}, by.name), " used ",
      h("span", { class: "slash" }, message.type === 23 ? message.interaction.name : `/${message.interaction.name}`))];
  }
  if (!message.message_reference) return [];
  if (!quoted) return [h("div", { class: "above" }, icon("reply"), h("i", {}, "Original message was deleted"))];
  const by = state.people.get(quoted.author.id);
  const text = quoted.content || (quoted.attachments.length ? "A picture" : "A reply");
  const pinged = message.mentions.some((user) => user.id === quoted.author.id) ? "@" : "";
  return [h("div", { class: "above" }, avatar(by, "mini"), h("b", {}, pinged + by.name),
    h("button", { type: "button", onclick: () => jump(quoted.id) }, plain(text)))];
}

function below(message) {
  if (!(message.flags & EPHEMERAL)) return [];
  const dismiss = () => (message.local ? vanish(message.id) : act("dismiss", { message_id: message.id }));
  return [h("div", { class: "below" }, icon("eye"), "Only you can see this ·",
    h("button", { type: "button", onclick: dismiss }, "Dismiss"))];
}

/** Show one element of the conversation, also from another channel, and mark it for a moment. */
function jump(id) {
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

/** A message that only this page knows, such as a command that was not answered. */
function localMessage(content, interaction) {
  const bot = [...state.people.values()].find((person) => person.bot);
  arrive({
    id: `local${Date.now()}`, local: true, channel_id: state.channel, author: { id: bot.id, username: bot.name, bot: true },
    flags: EPHEMERAL, type: 20, content, timestamp: new Date().toISOString(), edited_timestamp: null, interaction,
    attachments: [], embeds: [], components: [], mentions: [], mention_everyone: false,
  });
}

// ---------------------------------------------------------------------------------------------------------- pictures

/** Attachments live on this server; the address is made relative, so that any name of this host shows them. */
function local(url) {
  const address = new URL(url, location.href);
  return address.pathname.startsWith("/attachments/") ? address.pathname : url;
}

const isPicture = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.content_type ?? "");

/** A picture that replaces another waits until it has loaded, so that a progressing preview never blinks. */
function showFiles(place, files) {
  const pictures = files.filter(isPicture);
  const shown = [...place.querySelectorAll(".pictures a")];
  if (shown.length && shown.length === pictures.length && files.length === pictures.length) {
    return pictures.forEach((file, index) => {
      const next = picture(file);
      const swap = () => { if (shown[index].isConnected) shown[index].replaceWith(next); };
      if (shown[index].dataset.url !== next.dataset.url) next.firstChild.decode().then(swap, swap);
      else if (shown[index].firstChild.alt !== next.firstChild.alt) swap();
    });
  }
  const small = pictures.every((file) => file.width < 300);
  const grid = pictures.length && h("div", { class: `pictures${pictures.length > 1 ? " many" : ""}${small ? " small" : ""}` },
    ...pictures.map(picture));
  const others = files.filter((file) => !isPicture(file)).map((file) => h("div", { class: "file" }, icon("file"),
    h("div", {}, h("a", { href: local(file.url), download: file.filename }, file.filename),
      h("div", { class: "fine" }, size(file.size)))));
  place.replaceChildren(...(grid ? [grid] : []), ...others);
}

function picture(file) {
  const url = local(file.url);
  const image = h("img", { src: url, alt: file.description ?? "", width: file.width, height: file.height, title: file.description });
  return h("a", {
    href: url, class: file.filename.startsWith("SPOILER_") ? "spoiler" : "", "data-url": url,
    "aria-label": file.description ? null : `Picture ${file.filename}`,
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey) return; // a new tab, as with any link
      event.preventDefault();
      enlarge(url, file.description ?? "");
    },
  }, image);
}

function enlarge(url, alt) {
  const close = () => $("viewer").close();
  $("viewer").replaceChildren(h("img", { src: url, alt, onclick: close }), h("p", {}, alt),
    h("a", { href: url, target: "_blank", rel: "noreferrer" }, "Open original"),
    h("button", { class: "plain", type: "button", onclick: close }, "Close"));
  $("viewer").showModal();
}

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function embed(data) {
  const image = (media) => media?.url && h("img", { src: local(media.url), alt: media.description ?? data.title ?? "" });
  const card = h("div", { class: "embed" },
    data.author && h("div", { class: "fine" }, data.author.name),
    data.title && h("div", { class: "title" }, data.url ? link(data.url, data.title) : data.title),
    data.description && h("div", { class: "text" }, ...markdown(data.description)),
    data.fields?.length && h("div", { class: "fields" }, ...data.fields.map((field) => h("div", { class: field.inline ? "inline" : "" },
      h("b", {}, field.name), h("div", { class: "text" }, ...markdown(field.value))))),
    image(data.image), image(data.thumbnail),
    (data.footer || data.timestamp) && h("div", { class: "fine" }, data.footer?.text ?? "", data.footer && data.timestamp ? " · " : "",
      data.timestamp ? moment(Date.parse(data.timestamp)) : ""));
  if (data.color) card.style.borderLeftColor = `#${data.color.toString(16).padStart(6, "0")}`;
  return card;
}

// ---------------------------------------------------------------------------------------------------------- components

function showRows(place, message) {
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
    "aria-label": item.placeholder || "Choose", disabled: item.disabled, "data-custom-id": item.custom_id,
    multiple: item.max_values > 1, size: item.max_values > 1 ? Math.min(options.length, 6) : 0,
  }, item.max_values === 1 && h("option", { value: "", disabled: true, selected: !options.some((option) => option.default) }, item.placeholder || "Choose…"),
  ...options.map((option) => h("option", { value: option.value, selected: option.default, title: option.description }, optionText(option))));
  element.addEventListener("change", async () => {
    const values = [...element.selectedOptions].map((option) => option.value);
    await use(element, "select", message, { custom_id: item.custom_id, values });
    if (item.max_values === 1 && element.isConnected) element.value = options.find((option) => option.default)?.value ?? "";
  });
  return element;
}

const optionText = (option) => `${option.emoji?.name ? `${option.emoji.name} ` : ""}${option.label}${option.description ? ` — ${option.description}` : ""}`;

/** Use a button or a select; what comes of it is shown under the message when the bot does not answer. */
async function use(element, path, message, body) {
  const below = element.closest("article");
  below.querySelector(".failed")?.remove();
  element.setAttribute("aria-busy", "true");
  const outcome = await act(path, { message_id: message.id, ...body });
  element.removeAttribute("aria-busy");
  if (outcome.outcome === "modal") return showModal(outcome);
  if (outcome.error) below.append(h("p", { class: "failed", role: "alert" }, outcome.outcome === "failed" ? "This interaction failed" : outcome.error));
}

function showModal({ interaction_id, modal }) {
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
  const done = h("button", { class: "style-1" }, "Submit");
  const form = h("form", { noValidate: true }, h("h2", { id: "modal-title" }, modal.title), ...rows, wrong,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => $("modal").close() }, "Cancel"), done));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    done.disabled = true;
    const fields = Object.fromEntries([...inputs].map(([id, input]) => [id, input.multiple || input.tagName === "SELECT"
      ? [...input.selectedOptions].map((option) => option.value).filter(Boolean) : input.value]));
    const outcome = await act("modal", { interaction_id, fields });
    done.disabled = false;
    if (outcome.outcome === "modal") return showModal(outcome);
    if (!outcome.error) return $("modal").close();
    wrong.textContent = outcome.outcome === "failed" ? "Something went wrong. Try again." : outcome.error;
  });
  $("modal").replaceChildren(form);
  if (!$("modal").open) $("modal").showModal();
  [...inputs.values()][0]?.focus();
}

function field(item) {
  const shared = { placeholder: item.placeholder ?? "", required: item.required !== false };
  if (item.type === 3) {
    return h("select", { ...shared, multiple: (item.max_values ?? 1) > 1 }, (item.max_values ?? 1) === 1 && h("option", { value: "" }, item.placeholder ?? "Choose…"),
      ...item.options.map((option) => h("option", { value: option.value, selected: option.default }, optionText(option))));
  }
  const limits = { maxLength: item.max_length ?? 4000, value: item.value ?? "" };
  return item.style === 2 ? h("textarea", { ...shared, ...limits, rows: 5 }) : h("input", { ...shared, ...limits, type: "text" });
}

// ---------------------------------------------------------------------------------------------------------- menus

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

function messageMenu(anchor, id, at) {
  const message = state.messages.get(id);
  if (!message || message.local) return;
  const whisper = message.flags & EPHEMERAL;
  const apps = usable().filter((command) => command.type === 3);
  const mayDelete = message.author.id === state.viewer || (!here().dm && state.commands.length && moderates());
  openMenu(anchor, [
    !whisper && { name: "Reply", run: () => replyTo(id) },
    message.content && { name: "Copy text", run: () => navigator.clipboard?.writeText(message.content) },
    mayDelete && !whisper && { name: "Delete message", danger: true, run: async () => report(await act("delete", { message_id: id })) },
    apps.length && "Apps",
    ...apps.map((command) => ({ name: command.name, run: () => runMenu(command, id) })),
  ], at);
}

const moderates = () => state.people.get(state.viewer).name === "Mo";

function personMenu(anchor, by) {
  const apps = usable().filter((command) => command.type === 2);
  const dm = state.channels.find((channel) => channel.dm);
  openMenu(anchor, [
    { name: `Mention @${by.name}`, run: () => insert(`@${by.name} `) },
    by.bot && dm.id !== state.channel && { name: "Open direct messages", run: () => openChannel(dm.id, true) },
    apps.length && "Apps",
    ...apps.map((command) => ({ name: command.name, run: () => runMenu(command, by.id) })),
  ]);
}

async function runMenu(command, target) {
  await settle(act("menu", { name: command.name, target_id: target }), command.name);
}

// ---------------------------------------------------------------------------------------------------------- commands

/** The commands that work in this channel. */
function usable() {
  const context = here()?.dm ? 1 : 0;
  return state.commands.filter((command) => (command.contexts ?? (command.dm_permission === false ? [0] : [0, 1])).includes(context));
}

/** Every slash command and subcommand by its full name: [{name, description, options}]. */
function leaves() {
  const walk = (node, path) => {
    const nested = (node.options ?? []).filter((option) => option.type < STRING);
    if (nested.length) return nested.flatMap((option) => walk(option, [...path, option.name]));
    return [{ name: path.join(" "), description: node.description, options: node.options ?? [] }];
  };
  return usable().filter((command) => command.type === 1).flatMap((command) => walk(command, [command.name]));
}

/** Read "/imagine a cat shape: tall": which command, which values, and which option is being written. */
function read(text) {
  if (!text.startsWith("/")) return null;
  const typed = text.slice(1);
  const leaf = leaves().filter(({ name }) => typed === name || typed.startsWith(`${name} `) || typed.startsWith(`${name}\n`))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (!leaf) return { typed };
  const rest = typed.slice(leaf.name.length);
  const names = leaf.options.map((option) => option.name.replace(/[^\w-]/g, "\\$&"));
  const marks = names.length ? [...rest.matchAll(new RegExp(`(?<=^|\\s)(${names.join("|")}):`, "gu"))] : [];
  const values = new Map();
  let loose = rest.slice(0, marks[0]?.index ?? rest.length).trim();
  let current = null;
  marks.forEach((mark, index) => {
    const option = leaf.options.find(({ name }) => name === mark[1]);
    const value = rest.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? rest.length);
    values.set(option.name, value.trim());
    current = { option, value: value.trimStart() };
  });
  const first = leaf.options.find((option) => option.required) ?? leaf.options[0];
  if (first && !values.has(first.name)) {
    // Words after `count: 2` that cannot be part of its value are the prompt.
    for (const [name, value] of values) {
      const [own, spare] = cut(leaf.options.find((option) => option.name === name), value);
      values.set(name, own);
      loose = [loose, spare].filter(Boolean).join(" ");
    }
    if (loose) values.set(first.name, loose);
    loose = "";
  }
  return { leaf, values, current, loose: loose || null, rest, first };
}

/** The values that an option can take, as far as they are known before asking: [{name, value}]. */
function choices(option) {
  const people = [...state.people.values()].map(({ name, id }) => ({ name: `@${name}`, value: id }));
  const roles = state.roles.map(({ name, id }) => ({ name: name.startsWith("@") ? name : `@${name}`, value: id }));
  switch (option.type) {
    case BOOLEAN: return [{ name: "true", value: true }, { name: "false", value: false }];
    case USER: return people;
    case ROLE: return roles;
    case MENTIONABLE: return [...people, ...roles];
    case CHANNEL: return state.channels.filter((channel) => !channel.dm).map(({ name, id }) => ({ name: `#${name}`, value: id }));
    default: return option.choices ?? asked.get(option.name) ?? [];
  }
}

const bare = (text) => String(text).toLowerCase().replace(/^[@#]/, "");

/** What was typed as the option's value: a choice by its name, its value or an unmistakable beginning of it. */
function valueOf(option, typed) {
  const known = choices(option);
  const exact = known.find((choice) => bare(choice.name) === bare(typed) || bare(choice.value) === bare(typed));
  if (exact) return exact.value;
  const begun = option.autocomplete ? [] : known.filter((choice) => typed && bare(choice.name).startsWith(bare(typed)));
  return begun.length === 1 ? begun[0].value : typed;
}

/** Split off the words that go beyond the value of an option which takes one word, or one of its choices. */
function cut(option, typed) {
  if (option.type === STRING && !option.choices) return [typed, ""];
  const longest = choices(option).map((choice) => String(choice.name)).filter((name) => {
    const start = bare(typed).slice(0, bare(name).length + 1);
    return start.trimEnd() === bare(name);
  }).sort((a, b) => b.length - a.length)[0];
  const length = longest ? bare(longest).length + (/^[@#]/.test(typed) ? 1 : 0) : typed.search(/\s|$/);
  return [typed.slice(0, length), typed.slice(length).trim()];
}

function optionsOf(command) {
  const options = {};
  for (const [name, typed] of command.values) {
    const option = command.leaf.options.find((each) => each.name === name);
    if (option.type !== ATTACHMENT && typed !== "") options[name] = valueOf(option, typed);
  }
  for (const file of state.files) if (file.option) options[file.option] = file.id;
  return options;
}

// Values that the bot offers while an option is typed, by option name; asked for again as the words change.
const asked = new Map();
let asking = "";

async function ask(command) {
  const { option, value } = command.current;
  const question = JSON.stringify([state.channel, state.speaker, command.leaf.name, option.name, value]);
  if (asking === question) return;
  asking = question;
  await new Promise((resolve) => setTimeout(resolve, 120));
  if (asking !== question) return;
  const options = { ...optionsOf(command), [option.name]: value };
  const answer = await act("autocomplete", { name: command.leaf.name, options, focused: option.name });
  if (asking !== question || !answer.choices) return;
  asked.set(option.name, answer.choices);
  suggest();
}

async function submit(text) {
  const command = read(text);
  if (command && !command.leaf) { say(`There is no command “/${command.typed.split(/\s/)[0]}” here.`, true); return false; }
  if (command?.loose) { say(`Which option do these words belong to: “${command.loose}”?`, true); return false; }
  if (!command) return sendMessage(text);
  const options = optionsOf(command);
  const missing = command.leaf.options.find((option) => option.required && !(option.name in options));
  if (missing) { say(`This option is required: ${missing.name}`, true); return false; }
  const waiting = settle(act("command", { name: command.leaf.name, options }), command.leaf.name);
  return await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 150, true))]);
}

/** Wait for a command's outcome and show what the page itself has to show; false when it was never sent. */
async function settle(pending, name) {
  const outcome = await pending;
  if (outcome.outcome === "modal") showModal(outcome);
  else if (outcome.outcome === "failed") {
    localMessage(outcome.error, { name, user: { id: state.viewer } });
  } else if (outcome.error) { say(outcome.error, true); return false; }
  return true;
}

async function sendMessage(text) {
  const names = new Map([...state.people.values()].map((person) => [person.name.toLowerCase(), person.id]));
  const content = text.trim().replace(/@(\p{L}+)/gu, (whole, name) => (names.has(name.toLowerCase()) ? `<@${names.get(name.toLowerCase())}>` : whole));
  const attachments = state.files.map((file) => file.id);
  if (!content && !attachments.length) return false;
  const answer = await act("message", { content, attachments, reply_to: state.replyTo?.id, ping: state.ping });
  return report(answer);
}

function report(answer) {
  if (answer.error) say(answer.error, true);
  return !answer.error;
}

// ---------------------------------------------------------------------------------------------------------- writing

const completion = { items: [], index: 0, moved: false };
let said = null;

/** Put a sentence under the message box until the text changes. */
function say(text, wrong = false) {
  said = { text, wrong };
  hint(null);
}

function hint(command) {
  const element = $("hint");
  element.classList.toggle("wrong", Boolean(said?.wrong));
  if (said) element.textContent = said.text;
  else if (command?.current) element.textContent = `${command.current.option.name}: ${command.current.option.description}`;
  else if (command?.leaf) {
    const more = command.leaf.options.filter((option) => !command.values.has(option.name)).map((option) => option.name);
    element.textContent = more.length ? `${command.leaf.description} · more options: ${more.join(", ")}` : command.leaf.description;
  } else element.textContent = state.typing.has(state.channel) ? "Limner is typing…" : "";
}

/** Everything under and above the message box that depends on what is in it. */
function suggest() {
  const box = $("message");
  const command = read(box.value);
  const before = JSON.stringify(completion.items);
  completion.items = document.activeElement === box && state.channel ? suggestions(command, box.value) : [];
  if (JSON.stringify(completion.items) !== before) { completion.index = 0; completion.moved = false; }
  if (command?.current?.option.autocomplete) ask(command);
  showCompletion();
  hint(command);
  $("replying").hidden = !state.replyTo;
  if (state.replyTo) {
    $("replying").querySelector("span").replaceChildren("Replying to ", h("b", {}, state.people.get(state.replyTo.author.id).name));
    $("ping").textContent = state.ping ? "@ ON" : "@ OFF";
    $("ping").setAttribute("aria-pressed", String(state.ping));
    $("ping").title = state.ping ? "They are mentioned" : "They are not mentioned";
  }
  $("files").hidden = !state.files.length;
  $("files").replaceChildren(...state.files.map((file) => h("li", {}, icon("file"), file.option ? `${file.option}: ${file.filename}` : file.filename,
    h("button", { type: "button", class: "plain", "aria-label": `Remove ${file.filename}`, onclick: () => {
      state.files = state.files.filter((other) => other !== file);
      suggest();
    } }, icon("close")))));
}

/** What Tab would write: each suggestion with the text that the box then holds. */
function suggestions(command, text) {
  if (!command) {
    const at = /(^|\s)@(\p{L}*)$/u.exec(text);
    if (!at) return [];
    return [...state.people.values()].filter((person) => bare(person.name).startsWith(bare(at[2])))
      .map((person) => ({ name: `@${person.name}`, about: "", text: `${text.slice(0, text.length - at[2].length - 1)}@${person.name} ` }));
  }
  if (!command.leaf) {
    const typed = command.typed.toLowerCase();
    const rank = (leaf) => (leaf.name.startsWith(typed) ? 0 : 1);
    return leaves().filter((leaf) => leaf.name.includes(typed)).sort((a, b) => rank(a) - rank(b))
      .map((leaf) => ({ name: `/${leaf.name}`, about: leaf.description, text: `/${leaf.name} ` }));
  }
  const values = command.current && valueSuggestions(command, text);
  if (values?.length) return values;
  const word = /(?:^|\s)(\S*)$/.exec(command.rest)?.[1] ?? "";
  const start = command.rest.trim() === "";
  if (!start && word.length < 2) return [];
  return command.leaf.options.filter((option) => !command.values.has(option.name) && option.name.startsWith(word.toLowerCase()))
    .map((option) => ({ name: `${option.name}:`, about: option.description, option: option.type === ATTACHMENT ? option.name : null,
      text: `${text.slice(0, text.length - word.length)}${word || /\s$/.test(text) ? "" : " "}${option.name}: ` }));
}

function valueSuggestions(command, text) {
  const { option, value } = command.current;
  const known = choices(option);
  if (known.some((choice) => bare(choice.name) === bare(value.trim())) && /\s$/.test(value)) return [];
  const fitting = option.autocomplete ? known : known.filter((choice) => bare(choice.name).startsWith(bare(value)));
  return fitting.map((choice) => ({ name: String(choice.name), about: "", text: `${text.slice(0, text.length - value.length)}${choice.name} ` }));
}

function showCompletion() {
  const list = $("completion"), box = $("message");
  list.hidden = !completion.items.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  list.replaceChildren(...completion.items.map((item, index) => h("li", {
    id: `c${index}`, role: "option", "aria-selected": String(index === completion.index),
    onpointerdown: (event) => { event.preventDefault(); accept(index); },
  }, h("b", {}, item.name), h("span", {}, item.about))));
  if (list.hidden) box.removeAttribute("aria-activedescendant");
  else {
    box.setAttribute("aria-activedescendant", `c${completion.index}`);
    $(`c${completion.index}`).scrollIntoView({ block: "nearest" });
  }
}

function accept(index) {
  const item = completion.items[index];
  if (item.option) { // a file cannot be typed
    $("message").value = item.text.replace(/\S+: $/, "");
    return pick(item.option);
  }
  write(item.text);
}

function write(text) {
  $("message").value = text;
  said = null;
  focusMessage();
  suggest();
}

const insert = (text) => write(`${$("message").value}${text}`);

function focusMessage() {
  const box = $("message");
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

function replyTo(id) {
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

async function upload(file, option) {
  const where = `/page/upload?as=${encodeURIComponent(state.speaker)}&name=${encodeURIComponent(file.name)}`;
  try {
    const response = await fetch(where, { method: "POST", body: file });
    const answer = await response.json();
    if (!response.ok) return say(explain(answer), true);
    state.files = [...state.files.filter((other) => !option || other.option !== option), { id: answer.id, filename: answer.filename, option }];
  } catch {
    say("The file could not be sent.", true);
  }
  focusMessage();
  suggest();
}

async function send() {
  const box = $("message");
  const text = box.value;
  const command = read(text);
  if (command && !command.leaf && completion.items.length) return accept(completion.index);
  const { replyTo: answered, files } = state;
  box.value = "";
  said = null;
  const going = submit(text);
  Object.assign(state, { replyTo: null, files: [] });
  suggest();
  follow.now();
  if (await going) return;
  // Nothing was sent: give the words back, unless others were written meanwhile.
  if (!box.value) { box.value = text; Object.assign(state, { replyTo: answered, files }); }
  const kept = said;
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
    showCompletion();
  } else if (open && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    accept(completion.index);
  } else if (event.key === "Escape") {
    if (open) { completion.items = []; showCompletion(); } else { state.replyTo = null; suggest(); }
  }
}

// ---------------------------------------------------------------------------------------------------------- text

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function relative(milliseconds) {
  const seconds = Math.round((milliseconds - Date.now()) / 1000);
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.trunc(seconds / length), unit);
}

function moment(milliseconds, style) {
  const date = new Date(milliseconds);
  const full = new Intl.DateTimeFormat(undefined, STYLES.F).format(date);
  const element = h("time", { dateTime: date.toISOString(), title: full });
  if (style === "R") { element.dataset.tick = milliseconds; element.textContent = relative(milliseconds); }
  else if (style) element.textContent = new Intl.DateTimeFormat(undefined, STYLES[style]).format(date);
  else {
    const today = date.toDateString() === new Date().toDateString();
    element.textContent = new Intl.DateTimeFormat(undefined, today ? STYLES.t : { dateStyle: "short", timeStyle: "short" }).format(date);
  }
  return element;
}

function link(url, ...children) {
  const jumpTo = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/[@\w]+\/(\d+)(?:\/(\d+))?$/.exec(url);
  if (jumpTo) {
    const channel = state.channels.find(({ id }) => id === jumpTo[1]);
    const named = children.length && children[0] !== url ? children : [`#${channel ? title(channel) : "unknown"}${jumpTo[2] ? " › message" : ""}`];
    return h("a", { href: url, class: "mention", onclick: (event) => {
      event.preventDefault();
      if (jumpTo[2]) jump(jumpTo[2]);
      else if (channel) openChannel(channel.id, true);
    } }, ...named);
  }
  if (!/^https?:\/\//.test(url)) return h("span", {}, ...children);
  return h("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, ...children);
}

const named = (list, id, sign, fallback) => h("span", { class: "mention" }, `${sign}${list.find((each) => each.id === id)?.name.replace(/^@/, "") ?? fallback}`);

/** Discord's inline marks, in the order in which they are tried; each makes its element from its match. */
const INLINE = [
  [/\\([^\p{L}\p{N}\s])/u, (m) => m[1]],
  [/(`+)([^]+?)\1(?!`)/, (m) => h("code", {}, m[2].trim())],
  [/<t:(-?\d{1,12})(?::([tTdDfFR]))?>/, (m) => moment(Number(m[1]) * 1000, m[2] ?? "f")],
  [/<@!?(\d+)>/, (m) => named([...state.people.values()], m[1], "@", "unknown")],
  [/<@&(\d+)>/, (m) => named(state.roles, m[1], "@", "unknown")],
  [/<#(\d+)>/, (m) => named(state.channels, m[1], "#", "unknown")],
  [/<(\/[^:>]+):\d+>/, (m) => h("span", { class: "mention" }, m[1])],
  [/<a?(:\w+:)\d+>/, (m) => m[1]],
  [/@(everyone|here)\b/, (m) => h("span", { class: "mention" }, m[0])],
  [/\[([^\]]+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, (m) => link(m[2], ...inline(m[1]))],
  [/<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/https?:\/\/[^\s<]+[^\s<.,:;"')\]!?]/, (m) => link(m[0], m[0])],
  [/\*\*([^]+?)\*\*(?!\*)/, (m) => h("strong", {}, ...inline(m[1]))],
  [/__([^]+?)__(?!_)/, (m) => h("u", {}, ...inline(m[1]))],
  [/\*(?=\S)([^*]*[^*\s])\*/, (m) => h("em", {}, ...inline(m[1]))],
  [/(?<![\p{L}\p{N}])_([^_]+)_(?![\p{L}\p{N}])/u, (m) => h("em", {}, ...inline(m[1]))],
  [/~~([^]+?)~~/, (m) => h("s", {}, ...inline(m[1]))],
  [/\|\|([^]+?)\|\|/, (m) => h("span", { class: "spoiler", onclick: (event) => event.currentTarget.classList.add("open") }, ...inline(m[1]))],
];

function inline(text) {
  const nodes = [];
  while (text) {
    let best = null;
    for (const [pattern, make] of INLINE) {
      const match = pattern.exec(text);
      if (match && (!best || match.index < best.match.index)) best = { match, make };
    }
    if (!best) return [...nodes, text];
    if (best.match.index) nodes.push(text.slice(0, best.match.index));
    nodes.push(best.make(best.match));
    text = text.slice(best.match.index + best.match[0].length);
  }
  return nodes;
}

/** Discord's block marks: code, quotes, headings, lists and small print; everything else is text with its line ends. */
function markdown(text) {
  const nodes = [];
  const add = (tag, line) => {
    const last = nodes.at(-1);
    if (tag === "p" && last?.localName === "span" && last.className === "line") last.append("\n", ...inline(line));
    else nodes.push(tag === "p" ? h("span", { class: "line" }, ...inline(line)) : h(tag, {}, ...inline(line)));
  };
  text.split(/```(?:[\w+-]*\n)?([^]+?)\n?```\n?/).forEach((piece, index) => {
    if (index % 2) return nodes.push(h("pre", {}, h("code", {}, piece)));
    const lines = piece.split("\n");
    while (lines.length) {
      const line = lines.shift();
      const heading = /^(#{1,3}) (.+)/.exec(line);
      const bullet = /^\s*(?:[-*]|(\d+)\.) (.+)/.exec(line);
      if (heading) add(`h${heading[1].length + 2}`, heading[2]);
      else if (line.startsWith("-# ")) add("small", line.slice(3));
      else if (line.startsWith(">>> ")) nodes.push(h("blockquote", {}, ...inline([line.slice(4), ...lines.splice(0)].join("\n"))));
      else if (line.startsWith("> ")) {
        const quoted = [line.slice(2)];
        while (lines[0]?.startsWith("> ")) quoted.push(lines.shift().slice(2));
        nodes.push(h("blockquote", {}, ...inline(quoted.join("\n"))));
      } else if (bullet) {
        const tag = bullet[1] ? "ol" : "ul";
        if (nodes.at(-1)?.localName !== tag) nodes.push(h(tag, bullet[1] ? { start: Number(bullet[1]) } : {}));
        nodes.at(-1).append(h("li", {}, ...inline(bullet[2])));
      } else if (line || lines.length || index === 0) add("p", line);
    }
  });
  return nodes;
}

/** One line of a message for the line above its reply, without marks. */
function plain(text) {
  const words = markdown(text.slice(0, 200)).map((node) => node.textContent ?? node);
  return words.join(" ").replace(/\s+/g, " ");
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-tick]")) {
    const text = relative(Number(element.dataset.tick));
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);

// ---------------------------------------------------------------------------------------------------------- start

$("speaker").querySelector("select").addEventListener("change", (event) => {
  state.speaker = event.target.value;
  sessionStorage.setItem("speaker", state.speaker);
  const dm = here()?.dm;
  if (dm) state.channel = null; // another member's direct messages are theirs
  Object.assign(state, { files: [], replyTo: null });
  connect();
});
$("message").addEventListener("keydown", typed);
$("message").addEventListener("input", () => { said = null; suggest(); });
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
$("open-places").addEventListener("click", () => togglePlaces(!document.body.classList.contains("placing")));
$("shade").addEventListener("click", () => togglePlaces(false));
$("places").addEventListener("keydown", (event) => { if (event.key === "Escape") togglePlaces(false); });
$("to-newest").addEventListener("click", () => follow.now());
$("viewer").addEventListener("click", (event) => { if (event.target === $("viewer")) $("viewer").close(); });
$("menu").addEventListener("keydown", (event) => {
  const items = [...$("menu").querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); items.at((items.indexOf(document.activeElement) + step) % items.length).focus(); }
});
follow.start();
connect();
if (matchMedia("(hover: hover)").matches) $("message").focus();
