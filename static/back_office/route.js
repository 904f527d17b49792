// The stages of a route: a new one gets the next number, and nothing needless is asked.

const stages = document.getElementById("stages-group");

const field = (row, name) => row.querySelector(`[name$="-${name}"]`);

function ask(row) {
  const needed = {
    group: field(row, "approvers")?.value === "group",
    quorum_count: field(row, "quorum")?.value === "count",
  };
  for (const [name, isNeeded] of Object.entries(needed)) {
    const box = row.querySelector(`.fieldBox.field-${name}`)?.parentElement;
    if (box) box.hidden = !isNeeded;
  }
}

function number(row) {
  const others = [...stages.querySelectorAll('[name$="-position"]:not([type="hidden"])')];
  const last = Math.max(0, ...others.map((input) => Number(input.value) || 0));
  const own = field(row, "position");
  if (own && !own.value) own.value = last + 1;
}

// An auditor reads the stages as plain text.
if (stages && field(stages, "approvers")) {
  for (const row of stages.querySelectorAll(".inline-related")) ask(row);
  stages.addEventListener("change", (event) => {
    const row = event.target.closest(".inline-related");
    if (row) ask(row);
  });
  document.addEventListener("formset:added", (event) => {
    number(event.target);
    ask(event.target);
    field(event.target, "name").focus();
  });
}
