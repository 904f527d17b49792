// Numbers as accountants write and paste them: «1 234 567,89» and “1,234,567.89”.

export function parsed(text) {
  let compact = text.replace(/\s/g, "");
  if (compact.includes(",") && compact.includes(".")) {
    const groups = compact.lastIndexOf(",") < compact.lastIndexOf(".") ? "," : ".";
    compact = compact.replaceAll(groups, "");
  }
  compact = compact.replace(",", ".");
  return /^\d+(\.\d*)?$/.test(compact) ? Number(compact) : null;
}

export function shown(value) {
  const style = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return value.toLocaleString(document.documentElement.lang, style).replaceAll("\u00a0", "\u202f");
}
