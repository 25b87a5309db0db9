// Discord's markdown, timestamps and mentions as elements.

import { h } from "./dom.js";
import { emit } from "./events.js";
import { state, title } from "./state.js";
import { DATES, t } from "./texts.js";

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function relative(milliseconds) {
  const seconds = Math.round((milliseconds - Date.now()) / 1000);
  const reached = ([, each], index) => Math.abs(seconds) >= each - (UNITS[index + 1]?.[1] ?? 0) / 2; // 59.6 minutes are an hour
  const [unit, length] = UNITS.find(reached) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(DATES, { numeric: "auto" }).format(Math.round(seconds / length), unit);
}

export function moment(milliseconds, style) {
  const date = new Date(milliseconds);
  const full = new Intl.DateTimeFormat(DATES, STYLES.F).format(date);
  const element = h("time", { dateTime: date.toISOString(), title: full });
  if (style === "R") { element.dataset.tick = milliseconds; element.textContent = relative(milliseconds); }
  else if (style) element.textContent = new Intl.DateTimeFormat(DATES, STYLES[style]).format(date);
  else {
    const today = date.toDateString() === new Date().toDateString();
    element.textContent = new Intl.DateTimeFormat(DATES, today ? STYLES.t : { dateStyle: "short", timeStyle: "short" }).format(date);
  }
  return element;
}

export function link(url, ...children) {
  const jumpTo = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/[@\w]+\/(\d+)(?:\/(\d+))?$/.exec(url);
  if (jumpTo) {
    const channel = state.channels.find(({ id }) => id === jumpTo[1]);
    const named = children.length && children[0] !== url ? children : [`#${channel ? title(channel) : t("sandbox-unknown")}${jumpTo[2] ? ` › ${t("sandbox-a-message")}` : ""}`];
    return h("a", { href: url, class: "mention", onclick: (event) => {
      event.preventDefault();
      if (jumpTo[2]) emit("jump", { id: jumpTo[2] });
      else if (channel) emit("open", { id: channel.id });
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
  [/<@!?(\d+)>/, (m) => named([...state.people.values()], m[1], "@", t("sandbox-unknown"))],
  [/<@&(\d+)>/, (m) => named(state.roles, m[1], "@", t("sandbox-unknown"))],
  [/<#(\d+)>/, (m) => named(state.channels, m[1], "#", t("sandbox-unknown"))],
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

/** One line of text with its marks. */
export function inline(text) {
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
export function markdown(text) {
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
export function plain(text) {
  const words = markdown(text.slice(0, 200)).map((node) => node.textContent ?? node);
  return words.join(" ").replace(/\s+/g, " ");
}

/** Keep every relative time true. */
export const tick = () => setInterval(() => {
  for (const element of document.querySelectorAll("time[data-tick]")) {
    const text = relative(Number(element.dataset.tick));
    if (element.textContent !== text) element.textContent = text;
  }
}, 1000);
