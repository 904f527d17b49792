// Says beside a date what the server knows of such a day: that the bank does not pay on it, or that
// it is too far away.

export function sayDaysOff(field) {
  const { daysOff, farthest, tooFar } = field.dataset;
  const said = JSON.parse(daysOff);
  const note = document.createElement("div");
  note.className = "help day-off";
  note.setAttribute("aria-live", "polite");
  field.closest(".field").append(note);

  function show() {
    // Days in ISO 8601 compare as text.
    note.textContent = field.value > farthest ? tooFar : (said[field.value] ?? "");
    note.hidden = !note.textContent;
  }
  field.addEventListener("input", show);
  show();
}
