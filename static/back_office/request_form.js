// Makes filling a payment request quick; the server checks everything all the same.

import { sayDaysOff } from "./dates.js";
import { followParents } from "./dependent.js";
import { focusFirst, nameControls } from "./names.js";
import { countPurpose, followVat } from "./purpose.js";
import { computeVat } from "./vat.js";
import { showWhole } from "./whole.js";
import { listFiles } from "./files.js";

const form = document.getElementById("request_form");

followParents(form);
countPurpose(form.elements.purpose);
computeVat(form);
// After the VAT: what it computes goes into the purpose.
followVat(form);
sayDaysOff(form.elements.desired_date);
listFiles(form.elements.documents);
showWhole(form);
// Select2 is made by Django's own script, when the page is ready.
window.django.jQuery(() => {
  nameControls(form);
  focusFirst(form);
});
