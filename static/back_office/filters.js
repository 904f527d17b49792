// A chosen filter applies at once; without this the button “Show” does it.

const form = document.getElementById("request-filters");

// Empty fields would only make the address long.
form.addEventListener("submit", () => {
  for (const field of form.elements) field.disabled ||= field.name !== "" && field.value === "";
});
window.addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
});
for (const select of form.querySelectorAll("select")) {
  // Select2 tells of a choice through Django's jQuery only.
  window.django.jQuery(select).on("change", () => form.requestSubmit());
}
