// Makes filling a payment request quick; the server checks everything all the same.

import { followParents } from "./dependent.js";
import { countPurpose, offerVatPhrase } from "./purpose.js";
import { computeVat } from "./vat.js";
import { listFiles } from "./files.js";

const form = document.getElementById("request_form");

followParents(form);
countPurpose(form.elements.purpose);
offerVatPhrase(form);
computeVat(form);
listFiles(form.elements.documents);
