// What the message box offers while one types, and the list that shows it.

import { bare, choices, chosen, fileOption, leaves, localised, offer, optionsOf } from "./commands.js";
import { $, h } from "./dom.js";
import { ATTACHMENT, state } from "./state.js";
import { t } from "./texts.js";
import { act } from "./wire.js";

export const completion = { items: [], index: 0, moved: false };

/** What Tab would write: each suggestion with the text that the box then holds. */
export function suggestions(command, text) {
  if (!command) {
    const at = /(^|\s)@(\p{L}*)$/u.exec(text);
    if (!at) return [];
    return [...state.people.values()].filter((person) => bare(person.name).startsWith(bare(at[2])))
      .map((person) => ({ name: `@${person.name}`, about: "", text: `${text.slice(0, text.length - at[2].length - 1)}@${person.name} ` }));
  }
  if (!command.leaf) {
    const typed = command.typed.toLowerCase();
    const rank = (leaf) => (leaf.label.startsWith(typed) || leaf.name.startsWith(typed) ? 0 : 1);
    return leaves().filter((leaf) => leaf.name.includes(typed) || leaf.label.includes(typed)).sort((a, b) => rank(a) - rank(b))
      .map((leaf) => ({ name: `/${leaf.label}`, about: leaf.description, text: `/${leaf.label} ` }));
  }
  const values = command.typing && valueSuggestions(command, text);
  if (values?.length) return values;
  const word = (/(?:^|\s)(\S*)$/.exec(command.rest)?.[1] ?? "").toLowerCase();
  const start = command.rest.trim() === "";
  if (!start && word.length < (/^[\x00-\x7f]*$/.test(word) ? 2 : 1)) return [];
  return command.leaf.options
    .filter((option) => !command.values.has(option.name) && (option.label.startsWith(word) || option.name.startsWith(word)))
    .map((option) => ({ name: `${option.label}:`, about: option.description, file: option.type === ATTACHMENT ? option.name : null,
      text: `${text.slice(0, text.length - word.length)}${word || /\s$/.test(text) ? "" : " "}${option.label}: ` }));
}

function valueSuggestions(command, text) {
  const { option, value } = command.typing;
  if (option.type === ATTACHMENT) {
    const picked = state.files.some((file) => fileOption(command, file) === option);
    return picked ? [] : [{ name: t("sandbox-choose-file"), about: t("sandbox-or-drop"), file: option.name, text: text.replace(/\s*\S+\s*$/, " ") }];
  }
  if (chosen(option, value)?.label.length < value.length) return []; // the choice is made, and something else is written now
  const known = option.autocomplete ? asked.option === option ? asked.choices : [] : choices(option);
  const fitting = option.autocomplete ? known : known.filter((choice) => bare(choice.label).startsWith(bare(value)));
  return fitting.map((choice) => ({ name: String(choice.label), about: "", text: `${text.slice(0, text.length - value.length)}${choice.label} ` }));
}

export function showCompletion(accept) {
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

const asked = { option: null, choices: [] }; // what the bot offered last, and for which option
let asking = "";

/** Ask the bot for the values of the option that is being typed; true when they came. */
export async function ask(command) {
  const { option, value } = command.typing;
  if (chosen(option, value)) return false;
  const question = JSON.stringify([state.channel, state.speaker, command.leaf.name, option.name, value]);
  if (asking === question) return false;
  asking = question;
  await new Promise((resolve) => setTimeout(resolve, 120));
  if (asking !== question) return false;
  const options = { ...optionsOf(command), [option.name]: value };
  const answer = await act("autocomplete", { name: command.leaf.name, options, focused: option.name });
  if (asking !== question || !answer.choices) return false;
  Object.assign(asked, { option, choices: answer.choices.map(localised) });
  offer(option, asked.choices);
  return true;
}
