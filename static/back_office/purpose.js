// Counts the purpose of payment as the bank will get it: plain signs, single spaces.

const TWINS = [
  [/[«»“”„‟″]/g, '"'],
  [/[‘’‚‛′`]/g, "'"],
  [/[‐‑‒–—―−]/g, "-"],
  [/…/g, "..."],
  [/\s+/g, " "],
  [/[^ -~А-Яа-яЁё№]/g, ""],
  [/ +/g, " "],
];

export function cleaned(text) {
  return TWINS.reduce((result, [sign, twin]) => result.replace(sign, twin), text).trim();
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

const VAT_PHRASE = /[\s,.;]*(в т\.? ?ч\.?,? ндс|в том числе ндс|без ндс|ндс не облагается).*$/is;

// A button that ends the purpose with what banks and auditors look for, from the VAT fields.
export function offerVatPhrase(form) {
  const { purpose, vat_rate: rate, vat_amount: vat } = form.elements;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-quiet";
  button.textContent = purpose.dataset.vatPhrase;
  purpose.closest(".field").querySelector(".counter").before(button);

  button.addEventListener("click", () => {
    const percent = JSON.parse(rate.dataset.percents)[rate.value];
    const taxed = percent === null ? "Без НДС" : `В т.ч. НДС ${Number(percent)}% - ${vat.value}`;
    purpose.value = `${purpose.value.replace(VAT_PHRASE, "").trim()}. ${taxed}`.replace(/^\. /, "");
    purpose.dispatchEvent(new Event("input"));
  });
}
