// Groups the digits of amounts, and keeps the VAT in step with the amount until it is typed by hand.

import { parsed, shown } from "./money.js";

// In whole kopecks, as half of one is a whole one on the server too.
export function includedVat(gross, percent) {
  const rate = BigInt(Math.round(percent * 100));
  const whole = 10000n + rate;
  const kopecks = BigInt(Math.round(gross * 100));
  return Number((2n * kopecks * rate + whole) / (2n * whole)) / 100;
}

export function computeVat(form) {
  const { amount, vat_amount: vat, vat_rate: rate } = form.elements;
  const percents = JSON.parse(rate.dataset.percents);
  let ours = inStep();

  function computed() {
    const gross = parsed(amount.value);
    if (gross === null || !rate.value) return null;
    return includedVat(gross, Number(percents[rate.value] ?? 0));
  }
  // The invoice may be rounded otherwise.
  function inStep() {
    const typed = parsed(vat.value);
    const expected = computed();
    return vat.value === "" || (expected !== null && Math.abs(typed - expected) < 0.011);
  }
  function follow() {
    const expected = computed();
    if (ours && expected !== null) vat.value = shown(expected);
  }
  function group(field) {
    const value = parsed(field.value);
    if (value !== null) field.value = shown(value);
  }

  amount.addEventListener("input", follow);
  rate.addEventListener("change", follow);
  vat.addEventListener("input", () => { ours = vat.value === ""; });
  for (const field of [amount, vat]) field.addEventListener("change", () => group(field));
}
