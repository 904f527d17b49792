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
      const megabytes = (file.size / 1024 ** 2).toLocaleString(document.documentElement.lang, {
        maximumFractionDigits: 2,
      });
      item.textContent = `${file.name} · ${megabytes} MB`;
      if (refused) {
        item.className = "is-refused";
        item.textContent += ` · ${file.size ? field.dataset.tooLarge : field.dataset.empty}`;
      }
      return item;
    }));
  });
}
