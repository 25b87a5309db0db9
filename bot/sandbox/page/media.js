// Pictures, other files and embeds.

import { $, h, icon } from "./dom.js";
import { inline, link, markdown, moment } from "./text.js";
import { t } from "./texts.js";

/** Attachments live on this server; the address is made relative, so that any name of this host shows them. */
export function local(url) {
  const address = new URL(url, location.href);
  return address.pathname.startsWith("/attachments/") ? address.pathname : url;
}

export const isPicture = (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.content_type ?? "");

const wanted = new WeakMap(); // by place: the files that were last asked for, so that no late picture comes after them

/** A picture that replaces another waits until it has loaded, so that a progressing preview never blinks. */
export function showFiles(place, files) {
  wanted.set(place, files);
  const pictures = files.filter(isPicture);
  const shown = () => [...place.querySelectorAll(".pictures a")];
  if (pictures.length && shown().length === pictures.length && files.length === pictures.length) {
    return pictures.forEach((file, index) => {
      const next = picture(file), now = shown()[index];
      const swap = () => { if (wanted.get(place) === files) shown()[index].replaceWith(next); };
      if (now.dataset.url !== next.dataset.url) next.firstChild.decode().then(swap, swap);
      else if (now.firstChild.alt !== next.firstChild.alt) swap();
    });
  }
  const grid = pictures.length && h("div", { class: `pictures${pictures.length > 1 ? " many" : ""}` }, ...pictures.map(picture));
  const others = files.filter((file) => !isPicture(file)).map((file) => h("div", { class: "file" }, icon("file"),
    h("div", {}, h("a", { href: local(file.url), download: file.filename }, file.filename),
      h("div", { class: "fine" }, size(file.size)))));
  place.replaceChildren(...(grid ? [grid] : []), ...others);
}

function picture(file) {
  const alt = file.description ?? "";
  const link = framed({ ...file, alt }, { class: file.filename.startsWith("SPOILER_") ? "spoiler" : "" });
  if (!alt) link.setAttribute("aria-label", t("sandbox-picture-named", { file: file.filename }));
  return link;
}

/** A picture that opens large, one that is hidden at the second click; its place is as large before it has loaded. */
function framed({ url, alt, width, height }, props = {}) {
  const address = local(url);
  return h("a", {
    ...props, href: address, "data-url": address,
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey) return; // a new tab, as with any link
      event.preventDefault();
      const hidden = event.currentTarget;
      if (hidden.matches(".spoiler:not(.open)")) hidden.classList.add("open");
      else enlarge({ url: address, alt, width, height });
    },
  }, sized({ url: address, alt, width, height }, 256));
}

/** The picture, which the style sheet shows in its own proportions, and small ones no narrower than this. */
function sized({ url, alt, width, height }, least, props = {}) {
  const image = h("img", { ...props, src: url, alt, width, height, title: alt || null });
  if (width && height) {
    image.style.setProperty("--width", `${Math.max(width, least)}px`);
    image.style.setProperty("--ratio", width / height);
  }
  return image;
}

function enlarge(file) {
  const close = () => $("viewer").close();
  $("viewer").replaceChildren(sized(file, 640, { onclick: close }), h("p", {}, file.alt),
    h("a", { href: file.url, target: "_blank", rel: "noreferrer" }, t("sandbox-original")),
    h("button", { class: "plain", type: "button", onclick: close }, t("sandbox-close")));
  $("viewer").showModal();
}

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** Embeds as cards; those that share an address are one card with all their pictures. */
export function embeds(all) {
  const cards = [];
  for (const data of all) {
    const same = data.url && cards.find((card) => card.data.url === data.url);
    if (same) same.images.push(data.image);
    else cards.push({ data, images: [data.image] });
  }
  return cards.map(({ data, images }) => card(data, images.filter((image) => image?.url)));
}

function card(data, images) {
  const image = (media, className) => media?.url && framed({ ...media, alt: media.description ?? data.title ?? "" }, { class: className });
  const element = h("div", { class: `embed${data.thumbnail?.url ? " with-thumbnail" : ""}` },
    image(data.thumbnail, "thumbnail"),
    data.author && h("div", { class: "fine" }, data.author.name),
    data.title && h("div", { class: "title" }, data.url ? link(data.url, data.title) : data.title),
    data.description && h("div", { class: "text" }, ...markdown(data.description)),
    data.fields?.length && h("div", { class: "fields" }, ...data.fields.map((field) => h("div", { class: field.inline ? "inline" : "" },
      h("b", {}, ...inline(field.name)), h("div", { class: "text" }, ...markdown(field.value))))),
    images.length > 0 && h("div", { class: `pictures${images.length > 1 ? " many" : ""}` }, ...images.map((each) => image(each, ""))),
    (data.footer || data.timestamp) && h("div", { class: "fine" }, data.footer?.text ?? "", data.footer && data.timestamp ? " · " : "",
      data.timestamp ? moment(Date.parse(data.timestamp)) : ""));
  if (data.color) element.style.borderLeftColor = `#${data.color.toString(16).padStart(6, "0")}`;
  return element;
}
