// A payee is asked only for the numbers by which it is known in its country.

const country = document.getElementById("id_country");
const ofRussia = document.querySelector(".form-row.field-inn");
const abroad = document.querySelector(".form-row.field-kio");

// What is filled in, or wrong, stays to be seen.
const isEmpty = (row) =>
  !row.querySelector(".errorlist") &&
  [...row.querySelectorAll('input:not([type="hidden"])')].every((field) => !field.value);

function ask() {
  const isHere = country.value === "RU";
  ofRussia.hidden = !isHere && isEmpty(ofRussia);
  abroad.hidden = isHere && isEmpty(abroad);
}

// An auditor reads all of it as plain text.
if (country) {
  country.addEventListener("change", ask);
  ask();
}
