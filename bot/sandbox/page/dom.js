// Elements, made one by one: no text that a person or a bot wrote ever becomes markup.

export const $ = (id) => document.getElementById(id);

/** An element with its properties, `on…` listeners and children; strings become text. */
export function h(tag, props = {}, ...children) {
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

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Fill a place anew where what it shows has changed; else it keeps its elements: nothing flickers, and no click is lost. */
export function renew(place, source, make) {
  const key = JSON.stringify(source);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  make(place);
}
