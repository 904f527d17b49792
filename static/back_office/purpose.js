// The purpose of payment as the bank will get it, and the VAT in it.

import { parsed } from "./money.js";

const TWINS = [
  [/(?!\s)[\p{Cc}\p{Cf}]/gu, ""],
  [/[«»“”„‟″]/g, '"'],
  [/[‘’‚‛′`]/g, "'"],
  [/[‐‑‒–—―−]/g, "-"],
  [/…/g, "..."],
  [/\s+/g, " "],
];

// As the server does it: plain signs, single spaces.
export function cleaned(text) {
  return TWINS.reduce((result, [sign, twin]) => result.replace(sign, twin), text.normalize()).trim();
}

export function countPurpose(field) {
  const limit = Number(field.dataset.limit);
  const counter = document.createElement("span");
  counter.className = "counter";
  counter.setAttribute("aria-live", "polite");
  field.closest(".field").querySelector(".help").append(counter);

  function show() {
    const { length } = cleaned(field.value);
    counter.textContent = `${length} / ${limit}`;
    counter.classList.toggle("is-over", length > limit);
  }
  field.addEventListener("input", show);
  show();
}

// Keeps the VAT phrase of the purpose in step with the fields, and offers to add or renew it.
export function followVat(form) {
  const { purpose, currency, vat_rate: rate, vat_amount: vat } = form.elements;
  const phrases = JSON.parse(purpose.dataset.vatPhrases);
  const pattern = new RegExp(purpose.dataset.vatPattern, "giu");
  const button = offerPhrase(purpose);

  function phrase() {
    const template = phrases[currency.value]?.[rate.value];
    const amount = parsed(vat.value) ?? (template?.includes("{vat}") ? null : 0);
    return template === undefined || amount === null
      ? null : template.replace("{vat}", amount.toFixed(2));
  }
  function said() {
    return cleaned(purpose.value).match(pattern) ?? [];
  }
  function write() {
    const plain = cleaned(purpose.value);
    const written = phrase();
    purpose.value = said().length
      ? plain.replace(pattern, written) : `${plain.replace(/[ .]+$/, "")}. ${written}`.replace(/^\. /, "");
    purpose.dispatchEvent(new Event("input"));
  }
  function name() {
    button.textContent = said().length ? purpose.dataset.vatRenew : purpose.dataset.vatAdd;
    button.hidden = phrase() === null;
  }

  button.addEventListener("click", write);
  purpose.addEventListener("input", name);
  for (const field of [vat, currency, rate, form.elements.amount]) {
    for (const kind of ["input", "change"]) {
      field.addEventListener(kind, () => {
        // Of several phrases only a person knows which is which.
        if (said().length === 1 && phrase() !== null) write();
        name();
      });
    }
  }
  name();
}

function offerPhrase(purpose) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-quiet";
  purpose.closest(".field").querySelector(".counter").before(button);
  return button;
}
