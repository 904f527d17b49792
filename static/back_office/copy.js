// A button that copies a text of the page.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    // Over plain HTTP there is no clipboard: the marked text is copied by hand.
    text.select();
    await navigator.clipboard?.writeText(text.value);
    if (navigator.clipboard) button.textContent = button.dataset.done;
  });
}
