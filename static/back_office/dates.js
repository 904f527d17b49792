// Says beside a date that the bank does not pay on that day.

export function sayDaysOff(field) {
  const said = JSON.parse(field.dataset.daysOff);
  const note = document.createElement("div");
  note.className = "help day-off";
  note.setAttribute("aria-live", "polite");
  field.closest(".field").append(note);

  function show() {
    const day = field.value ? new Date(`${field.value}T00:00`).getDay() : null;
    note.textContent = said[day] ?? "";
    note.hidden = !note.textContent;
  }
  field.addEventListener("input", show);
  show();
}
