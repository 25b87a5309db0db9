// The slash commands, and what the text of the message box says to them.

import { ATTACHMENT, BOOLEAN, CHANNEL, MENTIONABLE, ROLE, STRING, USER, here, state } from "./state.js";
import { listed, t } from "./texts.js";

/** The commands that work in this channel. */
export function usable() {
  const context = here()?.dm ? 1 : 0;
  return state.commands.filter((command) => (command.contexts ?? (command.dm_permission === false ? [0] : [0, 1])).includes(context));
}

/** A command, option or choice in the member's language: `label` beside the `name` that the bot knows it by. */
export function localised(node) {
  return {
    ...node,
    label: node.name_localizations?.[state.locale] ?? node.name,
    description: node.description_localizations?.[state.locale] ?? node.description,
    options: node.options?.map(localised), choices: node.choices?.map(localised),
  };
}

/** Every slash command and subcommand by its full name: [{name, label, description, options}]. */
export function leaves() {
  const walk = (node, path) => {
    const nested = (node.options ?? []).filter((option) => option.type < STRING);
    if (nested.length) return nested.flatMap((option) => walk(option, [...path, option]));
    const full = (key) => path.map((part) => part[key]).join(" ");
    return [{ name: full("name"), label: full("label"), description: node.description, options: node.options ?? [] }];
  };
  return usable().filter((command) => command.type === 1).flatMap((command) => walk(command, [command]));
}

const spellings = (thing) => [...new Set([thing.label, thing.name])];

/** Read "/imagine a cat shape: tall": which command, which values, and which option is being written.
 *
 * `typing` is that option too where the words alone say it, as those of the prompt do. */
export function read(text) {
  if (!text.startsWith("/")) return null;
  const typed = text.slice(1);
  const spelled = leaves().flatMap((leaf) => spellings(leaf).map((name) => ({ name, leaf })))
    .filter(({ name }) => typed.startsWith(name) && /^(\s|$)/.test(typed.slice(name.length)))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (!spelled) return { typed };
  const { leaf } = spelled;
  const rest = typed.slice(spelled.name.length);
  const named = new Map(leaf.options.flatMap((option) => spellings(option).map((name) => [name, option])));
  const names = [...named.keys()].map((name) => name.replace(/[^\p{L}\p{N}_-]/gu, "\\$&"));
  const marks = names.length ? [...rest.matchAll(new RegExp(`(?<=^|\\s)(${names.join("|")})[:：]`, "gu"))] : [];
  const values = new Map();
  const spans = new Map(); // where in the text each named value stands
  let loose = rest.slice(0, marks[0]?.index ?? rest.length).trim();
  let current = null;
  marks.forEach((mark, index) => {
    const option = named.get(mark[1]);
    const value = rest.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? rest.length);
    values.set(option.name, value.trim());
    current = { option, value: value.trimStart() };
    const start = 1 + spelled.name.length + mark.index + mark[0].length + value.length - value.trimStart().length;
    spans.set(option.name, [start, start + value.trim().length]);
  });
  const written = leaf.options.filter((option) => option.type !== ATTACHMENT);
  const first = written.find((option) => option.required) ?? written[0];
  const typing = current ?? (first?.autocomplete && loose ? { option: first, value: rest.trimStart() } : null);
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
  return { leaf, values, spans, current, typing, loose: loose || null, rest, first, ...unknown(leaf, values, loose, named) };
}

/** What looks like an option and is none: `strange` in words that may say anything, `misnamed` where none may. */
function unknown(leaf, values, loose, named) {
  const found = (text) => [...text.matchAll(/(?<=^|\s)([\p{L}_-]{2,})[:：](?!\/\/)/gu)].map((match) => match[1]).find((name) => !named.has(name));
  const free = (name) => { const option = leaf.options.find((each) => each.name === name); return option.type === STRING && !option.choices; };
  const texts = [...values].map(([name, value]) => [free(name), found(value)]).filter(([, name]) => name);
  return {
    strange: texts.find(([any]) => any)?.[1],
    misnamed: (loose && found(loose)) || texts.find(([any]) => !any)?.[1],
  };
}

const about = (command) => ({ command: `/${command.leaf.label}`, known: listed(command.leaf.options.map((option) => option.label)) || "—" });

/** Why a command cannot be sent as it is: words that belong to no option, or to one that there is not. */
export function whatIsUnclear(command) {
  if (!command.leaf) return null;
  if (command.misnamed) return t("sandbox-unknown-option", { option: command.misnamed, ...about(command) });
  return command.loose && t("sandbox-whose-words", { words: command.loose, ...about(command) });
}

/** That there is no such command, and which there are: below its first word where that is one. */
export function noSuchCommand({ typed }) {
  const first = typed.split(/\s/)[0];
  const below = leaves().filter((leaf) => spellings(leaf).some((name) => name.startsWith(`${first} `)));
  const known = below.length ? below : usable().filter((command) => command.type === 1);
  if (!known.length) return t("sandbox-offline");
  const command = below.length ? typed.trim() : first;
  return t("sandbox-no-such-command", { command, name: state.speaker, known: listed(known.map(({ label }) => `/${label}`)) });
}

/** That "colour:" among the words is no option, and which there are. */
export const readAsWords = (command) => t("sandbox-read-as-words", { option: command.strange, ...about(command) });

/** The values that an option can take, as far as they are known before asking: [{name, label, value}]. */
export function choices(option) {
  const same = (label, value) => ({ name: label, label, value });
  const people = [...state.people.values()].map(({ name, id }) => same(`@${name}`, id));
  const roles = state.roles.map(({ name, id }) => same(name.startsWith("@") ? name : `@${name}`, id));
  switch (option.type) {
    case BOOLEAN: return [same("true", true), same("false", false)];
    case USER: return people;
    case ROLE: return roles;
    case MENTIONABLE: return [...people, ...roles];
    case CHANNEL: return state.channels.filter((channel) => !channel.dm).map(({ name, id }) => same(`#${name}`, id));
    default: return option.choices ?? [...(offered.get(option)?.values() ?? [])];
  }
}

/** All values that the bot ever offered for an option while it was typed: option → its choices by their label. */
const offered = new Map();

/** Keep what the bot offers: a choice stays one, whatever is typed after it. */
export function offer(option, found) {
  if (!offered.has(option)) offered.set(option, new Map());
  for (const choice of found) offered.get(option).set(choice.label, choice);
}

export const bare = (text) => String(text).toLowerCase().replace(/^[@#]/, "");

const means = (choice, typed) => [choice.label, choice.name, choice.value].some((spelling) => bare(spelling) === bare(typed));

/** What was typed as the option's value: a choice by its name, its value or an unmistakable beginning of it. */
function valueOf(option, typed) {
  const known = choices(option);
  const exact = known.find((choice) => choice.label === typed) ?? known.find((choice) => means(choice, typed));
  if (exact) return exact.value;
  const begun = option.autocomplete ? [] : known.filter((choice) => typed && bare(choice.label).startsWith(bare(typed)));
  return begun.length === 1 ? begun[0].value : typed;
}

/** The choice that a value starts with, if more words or a space follow it. */
export function chosen(option, typed) {
  const starts = (label) => bare(typed).startsWith(bare(label)) && /^(\s|$)/.test(bare(typed).slice(bare(label).length));
  return choices(option).filter(({ label }) => starts(label)).sort((a, b) => b.label.length - a.label.length)[0];
}

/** Split off the words that go beyond the value of an option which takes one word, or one of its choices. */
function cut(option, typed) {
  const choice = chosen(option, typed);
  if (!choice && option.type === STRING && !option.choices) return [typed, ""];
  const length = choice ? bare(choice.label).length + (/^[@#]/.test(typed) ? 1 : 0) : typed.search(/\s|$/);
  return [typed.slice(0, length), typed.slice(length).trim()];
}

/** The options that the text and the files give: {name: value}. */
export function optionsOf(command) {
  const options = {};
  for (const [name, typed] of command.values) {
    const option = command.leaf.options.find((each) => each.name === name);
    if (option.type !== ATTACHMENT && typed !== "") options[name] = valueOf(option, typed);
  }
  for (const file of state.files) {
    const option = fileOption(command, file);
    if (option) options[option.name] = file.id;
  }
  return options;
}

/** The option that a file is for: the one it was chosen for, else the first that takes a file. */
export function fileOption(command, file) {
  const fitting = (command.leaf?.options ?? []).filter((option) => option.type === ATTACHMENT);
  return fitting.find((option) => option.name === file.option) ?? fitting[0];
}
