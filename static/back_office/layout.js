// What the cards of an organization show: fields that can be moved, and how a card looks then.

const list = document.querySelector("ul.arranged");
const { sample } = document.getElementById("card-preview").dataset;
const data = sample && JSON.parse(sample);

const element = (name, ...children) => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};

const lines = (texts, wrap = (text) => text) => texts.filter(Boolean).map((text) => element("p", wrap(text)));

function chosen() {
  if (!list) return Object.keys(data.fields);
  return [...list.querySelectorAll("input:checked")].map((input) => input.value);
}

function labelled([label, value]) {
  return element("p", element("i", label), `: ${value}`);
}

const filled = (names) => names.map((name) => data.fields[name]).filter(([, value]) => value);

function folded(summary, ...children) {
  return children.length ? [element("details", element("summary", summary), ...children)] : [];
}

function table(rows) {
  if (!rows.length) return [];
  const cells = rows.map(([label, value]) => element("tr", element("th", label), element("td", value)));
  return [element("table", ...cells)];
}

function steps() {
  const boxes = data.steps.map(([isDone, text, isCurrent]) => {
    const words = isCurrent ? element("b", text) : text;
    if (isDone === null) return element("li", words);
    const box = element("input");
    Object.assign(box, { type: "checkbox", checked: isDone, disabled: true });
    return element("li", element("label", box, " ", words));
  });
  return element("ul", ...boxes);
}

const DRESSES = {
  text: (names) => [
    element("p", element("b", data.head[0])),
    ...lines(data.head.slice(1)),
    ...data.words.filter(([, value]) => value).map(labelled),
    ...lines(data.doubts),
    ...lines(data.progress),
    ...folded(data.more, ...filled(names).map(labelled)),
  ],
  rich: (names) => [
    element("h4", data.head[0]),
    ...lines(data.head.slice(1)),
    ...data.words.filter(([, value]) => value).map(labelled),
    ...lines(data.doubts),
    ...table(filled(names.slice(0, data.atOnce))),
    steps(),
    ...folded(data.more, ...table(filled(names.slice(data.atOnce)))),
  ],
};

function show() {
  if (!data) return;
  const names = chosen();
  for (const bubble of document.querySelectorAll("[data-dress]")) {
    const isOpen = bubble.querySelector("details")?.open ?? true;
    bubble.replaceChildren(...DRESSES[bubble.dataset.dress](names));
    for (const fold of bubble.querySelectorAll("details")) fold.open = isOpen;
  }
}

function move(button) {
  const row = button.closest("li");
  const isUp = button.dataset.move === "up";
  const other = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (isUp) other.before(row);
  else other.after(row);
  button.focus();
  show();
}

if (list) {
  for (const button of list.querySelectorAll("[data-move]")) button.hidden = false;
  list.addEventListener("change", show);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button);
  });
}
show();
