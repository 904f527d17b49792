// Names for what Django and Select2 leave nameless, and the focus where typing begins.

export function nameControls(form) {
  for (const select of form.querySelectorAll("select[data-add]")) {
    const link = form.querySelector(`#add_${select.id}`);
    link?.setAttribute("title", select.dataset.add);
    link?.setAttribute("aria-label", select.dataset.add);
  }
  for (const select of form.querySelectorAll("select.select2-hidden-accessible")) {
    const label = form.querySelector(`label[for=${select.id}]`);
    const box = boxOf(select);
    label.id = `${select.id}_label`;
    box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby")}`);
    window.django.jQuery(select).on("select2:open", () => {
      document.querySelector(".select2-search__field").setAttribute("aria-label", label.textContent.trim());
    });
  }
}

// What is searched in is a box of Select2's, beside the hidden select.
const boxOf = (select) => select.parentElement.querySelector(".select2-selection");

export function focusFirst(form) {
  const field = form.querySelector("[autofocus]");
  const box = field?.matches(".select2-hidden-accessible") ? boxOf(field) : field;
  box?.focus();
  box?.closest(".field").scrollIntoView({ block: "nearest" });
}
