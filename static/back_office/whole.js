// On a phone a select is narrower than an account with its bank: what it cuts stands below it.

export function showWhole(form) {
  const selects = [...form.querySelectorAll("select:not(.select2-hidden-accessible, .admin-autocomplete)")];
  const notes = new Map(selects.map((select) => [select, noteBelow(select)]));

  function show() {
    for (const [select, note] of notes) {
      note.textContent = select.selectedOptions[0]?.text ?? "";
      note.hidden = !isCut(select, note.textContent);
    }
  }
  form.addEventListener("change", show);
  form.addEventListener("filled", show);
  window.addEventListener("resize", show);
  show();
}

function noteBelow(select) {
  const note = document.createElement("div");
  note.className = "help whole";
  // Whoever hears the page hears the whole value from the select.
  note.setAttribute("aria-hidden", "true");
  select.closest(".control").after(note);
  return note;
}

// Of its own width and text a select tells nothing; the arrow takes about as much as a letter is high.
function isCut(select, text) {
  const style = getComputedStyle(select);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  return pen.measureText(text).width + sides + parseFloat(style.fontSize) > select.clientWidth;
}
