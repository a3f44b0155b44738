// The arrows: app -> features -> components -> api, lib. A feature never imports another feature.
import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const FEATURES = ["auth", "tickets", "checkout", "orders", "operations"];

/** What the files of a folder may not import. Folders are named from the root, never by "../". */
function arrows(folder, forbidden) {
  const patterns = [
    { group: ["../*"], message: "Name other folders from the root: @/…" },
    ...forbidden.map((group) => ({
      group: [group, `${group}/*`],
      message: "This arrow points the wrong way.",
    })),
  ];
  return {
    files: [`src/${folder}/**`],
    rules: { "no-restricted-imports": ["error", { patterns }] },
  };
}

export default tseslint.config(
  { ignores: ["dist", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
      "no-restricted-globals": [
        "error",
        { name: "localStorage", message: "Nothing is kept there." },
      ],
    },
  },
  arrows("app", []),
  ...FEATURES.map((name) =>
    arrows(`features/${name}`, [
      "@/app",
      ...FEATURES.filter((other) => other !== name).map((other) => `@/features/${other}`),
    ]),
  ),
  arrows("components", ["@/app", "@/features"]),
  arrows("api", ["@/app", "@/features", "@/components"]),
  arrows("lib", ["@/app", "@/features", "@/components", "@/api"]),
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
