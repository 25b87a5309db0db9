// Pictures, other files and embeds.

import { $, h, icon } from "./dom.js";
import { link, markdown, moment } from "./text.js";

/** Attachments live on this server; the address is made relative, so that any name of this host shows them. */
function local(url) {
  const address = new URL(url, location.href);
  return address.pathname.startsWith("/attachments/") ? address.pathname : url;
}

const isPicture = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.content_type ?? "");

/** A picture that replaces another waits until it has loaded, so that a progressing preview never blinks. */
export function showFiles(place, files) {
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

export function embed(data) {
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
