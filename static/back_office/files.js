// Names the chosen files, and says at once which the server would refuse. Choosing again adds to
// what was chosen, and each can be taken off.

export function listFiles(field) {
  const list = document.createElement("ul");
  list.className = "files";
  field.closest(".field").append(list);
  let chosen = [];

  function show() {
    const transfer = new DataTransfer();
    for (const file of chosen) transfer.items.add(file);
    field.files = transfer.files;
    list.replaceChildren(...chosen.map(line));
  }

  function line(file) {
    const item = document.createElement("li");
    const refusal = refusalOf(file, field);
    const words = document.createElement("span");
    words.textContent = [file.name, shownSize(file.size), refusal].filter(Boolean).join(" · ");
    item.append(words, removal(file));
    item.classList.toggle("is-refused", Boolean(refusal));
    return item;
  }

  function removal(file) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = field.dataset.remove;
    button.setAttribute("aria-label", `${field.dataset.remove}: ${file.name}`);
    button.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      show();
      field.focus();
    });
    return button;
  }

  field.addEventListener("change", () => {
    const before = chosen.filter((file) => !Array.from(field.files).some((other) => same(file, other)));
    chosen = [...before, ...field.files];
    show();
  });
}

function same(file, other) {
  return file.name === other.name && file.size === other.size
    && file.lastModified === other.lastModified;
}

function refusalOf(file, field) {
  const extension = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
  if (!field.accept.split(",").includes(extension)) return field.dataset.notTaken;
  if (!file.size) return field.dataset.empty;
  return file.size > Number(field.dataset.limit) ? field.dataset.tooLarge : "";
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
