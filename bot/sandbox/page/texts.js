// The page's own texts, in the browser's language: the server put them into the page.

const TEXTS = JSON.parse(document.getElementById("texts").textContent);

export const LANGUAGE = document.documentElement.lang;

/** Which locale dates and times are written in: the browser's own, where the page speaks its language. */
export const DATES = navigator.language.split("-")[0] === LANGUAGE.split("-")[0] ? navigator.language : LANGUAGE;

/** A text with its values in place; a value may be an element, hence a list of strings and elements. */
export const parts = (key, values = {}) =>
  TEXTS[key].split(/\{(\w+)\}/).map((piece, index) => (index % 2 ? values[piece] : piece)).filter((piece) => piece !== "");

export const t = (key, values) => parts(key, values).join("");

export const listed = (names) => names.join(t("sandbox-comma"));
