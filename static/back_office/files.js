// Names the chosen files, and says at once which the server would refuse.

export function listFiles(field) {
  const limit = Number(field.dataset.limit);
  const list = document.createElement("ul");
  list.className = "files";
  field.closest(".field").append(list);

  field.addEventListener("change", () => {
    list.replaceChildren(...Array.from(field.files, (file) => {
      const item = document.createElement("li");
      const refused = file.size === 0 || file.size > limit;
      item.textContent = `${file.name} · ${shownSize(file.size)}`;
      if (refused) {
        item.className = "is-refused";
        item.textContent += ` · ${file.size ? field.dataset.tooLarge : field.dataset.empty}`;
      }
      return item;
    }));
  });
}

// The browser knows the names of the units in the language of the page.
function shownSize(bytes) {
  const [unit, divisor, unitDisplay] =
    bytes < 1024 ? ["byte", 1, "long"]
    : bytes < 1024 ** 2 ? ["kilobyte", 1024, "short"]
    : ["megabyte", 1024 ** 2, "short"];
  const style = { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 };
  return (bytes / divisor).toLocaleString(document.documentElement.lang, style);
}
