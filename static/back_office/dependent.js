// Departments and accounts follow the chosen organization and counterparty.

// Select2 tells of a choice through Django's jQuery only.
const onChange = (select, act) => window.django.jQuery(select).on("change", act);

export function followParents(form) {
  const accounts = new Map();

  async function refresh(parent) {
    const query = new URLSearchParams({ [parent.name]: parent.value });
    const response = await fetch(`${form.dataset.choices}?${query}`);
    if (!response.ok) return;
    const found = await response.json();
    for (const [name, options] of Object.entries(found)) {
      if (name !== "usual") fill(form.elements[name], options, accounts);
    }
    if (found.usual) offer(form, found.usual);
    takeCurrency();
    // A choice made by a script announces itself to nobody.
    form.dispatchEvent(new Event("filled"));
  }

  function takeCurrency() {
    const currency = accounts.get(form.elements.counterparty_account.value);
    if (currency) form.elements.currency.value = currency;
  }

  for (const name of ["organization", "counterparty"]) {
    const parent = form.elements[name];
    // Django announces a change also when the page has only been opened.
    let known = parent.value;
    onChange(parent, () => {
      if (parent.value === known) return;
      known = parent.value;
      refresh(parent);
    });
  }
  form.elements.counterparty_account.addEventListener("change", takeCurrency);
  chooseTheOnly(form.elements.counterparty_account);
}

function fill(select, options, accounts) {
  const chosen = select.value;
  const [empty] = select.options;
  select.replaceChildren(empty);
  for (const { value, label, currency } of options) {
    select.add(new Option(label, value));
    accounts.set(String(value), currency);
  }
  select.value = chosen;
  if (select.selectedIndex > 0) return;
  select.value = "";
  // Which of our own accounts pays is the treasurer's to choose.
  if (select.name !== "own_account") chooseTheOnly(select);
}

function chooseTheOnly(select) {
  if (select.value === "" && select.options.length === 2) select.selectedIndex = 1;
}

// What the last request to this payee had, wherever nothing is chosen yet.
function offer(form, usual) {
  const { cash_flow_item: item, counterparty_account: account, vat_rate: rate, contract } = usual;
  const items = form.elements.cash_flow_item;
  if (item && !items.value) {
    items.add(new Option(item.label, item.value, true, true));
    window.django.jQuery(items).trigger("change");
  }
  const accounts = form.elements.counterparty_account;
  if (account && !accounts.value) accounts.value = account;
  if (!accounts.value) accounts.value = "";
  const rates = form.elements.vat_rate;
  if (rate && !rates.value) rates.value = rate;
  if (contract && !form.elements.contract.value) form.elements.contract.value = contract;
}
