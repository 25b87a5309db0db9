// The slash commands, and what the text of the message box says to them.

import { ATTACHMENT, BOOLEAN, CHANNEL, MENTIONABLE, ROLE, STRING, USER, here, state } from "./state.js";

/** The commands that work in this channel. */
export function usable() {
  const context = here()?.dm ? 1 : 0;
  return state.commands.filter((command) => (command.contexts ?? (command.dm_permission === false ? [0] : [0, 1])).includes(context));
}

/** Every slash command and subcommand by its full name: [{name, description, options}]. */
export function leaves() {
  const walk = (node, path) => {
    const nested = (node.options ?? []).filter((option) => option.type < STRING);
    if (nested.length) return nested.flatMap((option) => walk(option, [...path, option.name]));
    return [{ name: path.join(" "), description: node.description, options: node.options ?? [] }];
  };
  return usable().filter((command) => command.type === 1).flatMap((command) => walk(command, [command.name]));
}

/** Read "/imagine a cat shape: tall": which command, which values, and which option is being written. */
export function read(text) {
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
export function choices(option) {
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

export const bare = (text) => String(text).toLowerCase().replace(/^[@#]/, "");

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

export function optionsOf(command) {
  const options = {};
  for (const [name, typed] of command.values) {
    const option = command.leaf.options.find((each) => each.name === name);
    if (option.type !== ATTACHMENT && typed !== "") options[name] = valueOf(option, typed);
  }
  for (const file of state.files) if (file.option) options[file.option] = file.id;
  return options;
}

// Values that the bot offers while an option is typed, by option name; asked for again as the words change.
export const asked = new Map();
