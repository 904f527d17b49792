// Numbers as accountants write and paste them: «1 234 567,89 ₽» and “1,234,567.89”. What the server
// would refuse is none: a number with more than kopecks is left as it was typed.

const ROUBLES = /(₽|руб(\.|лей|ля|ль)?|р\.?)$/iu;
const WHOLE = /^(\d+|\d{1,3}([\s.,]\d{3})+)$/;

export function parsed(text) {
  const compact = text.trim().replace(ROUBLES, "").trimEnd();
  const signs = compact.match(/[.,]/g) ?? [];
  const hasPoint = signs.length === 1 || new Set(signs).size > 1;
  const point = hasPoint ? compact.lastIndexOf(signs.at(-1)) : compact.length;
  const [whole, fraction] = [compact.slice(0, point), compact.slice(point + 1)];
  if (!WHOLE.test(whole) || !/^\d{0,2}$/.test(fraction)) return null;
  return Number(`${whole.replace(/[\s.,]/g, "")}.${fraction || 0}`);
}

export function shown(value) {
  const style = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return value.toLocaleString(document.documentElement.lang, style).replaceAll("\u00a0", "\u202f");
}
