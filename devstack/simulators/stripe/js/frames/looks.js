/* The page's appearance object: theme, variables, and rules for the classes of the form. */

const COMMON = {
  borderRadius: "4px",
  fontFamily: "system-ui, sans-serif",
  fontSizeBase: "16px",
  spacingUnit: "4px",
};
const THEMES = {
  stripe: {
    colorBackground: "#ffffff",
    colorDanger: "#c0123c",
    colorPrimary: "#0570de",
    colorText: "#30313d",
  },
  night: {
    colorBackground: "#30313d",
    colorDanger: "#fe87a1",
    colorPrimary: "#85d996",
    colorText: "#ffffff",
  },
  flat: {
    colorBackground: "#f1f3f5",
    colorDanger: "#c0123c",
    colorPrimary: "#0570de",
    colorText: "#30313d",
  },
};
const KNOWN_RULE = /^\.(Input|Label|Error)(--invalid)?(:[a-z-]+|::placeholder)*$/;

function wear({ theme = "stripe", variables = {}, rules = {} } = {}) {
  const all = { ...COMMON, ...(THEMES[theme] ?? THEMES.stripe), ...variables };
  for (const [name, value] of Object.entries(all)) {
    document.documentElement.style.setProperty(`--${name}`, value);
  }
  const sheet = new CSSStyleSheet();
  for (const [selector, style] of Object.entries(rules)) {
    if (!KNOWN_RULE.test(selector)) continue;
    const rule = sheet.cssRules[sheet.insertRule(`${selector} {}`)];
    for (const [name, value] of Object.entries(style)) rule.style[name] = value;
  }
  document.adoptedStyleSheets = [sheet];
}
