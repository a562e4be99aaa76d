/** adaptToDarkMode: swaps paper and ink of a drawing if the visitor prefers dark pages. */

/** Colors of drawings in light mode, and the page's colors for them in dark mode. */
const DARK = {
  '#f3efe6': '#1c2128',
  '#fff': '#0f1216',
  '#1d2430': '#e9e6df',
  '#59616f': '#aab0bb',
  '#8d8778': '#8a94a3',
  '#24599e': '#82b4f5',
};

/** @param {string} svg */
export function adaptToDarkMode(svg) {
  const rules = ['fill', 'stroke'].flatMap((property) =>
    Object.entries(DARK).map(([light, dark]) => `[${property}="${light}"]{${property}:${dark}}`),
  );
  const style = `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`;
  return svg.replace(/<svg[^>]*>/, (tag) => tag + style);
}
