import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compression } from "vite-plugin-compression2";

const API = process.env["API_URL"] ?? "http://127.0.0.1:8000";

/** What nearly every page uses: one file, and one trip for it. */
const SHARED =
  /src\/(api|lib|components\/(button|page|card|skeleton|state|badge|notice|logo|toast\.|bill|ticket-line|postal))/;

export default defineConfig({
  plugins: [react(), compression({ algorithms: ["gzip", "brotliCompress"], threshold: 1024 })],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    // The page allows no inline script and no data: font; everything is a file of our own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    manifest: true,
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler|react-router)\// },
            { name: "query", test: /node_modules\/(@tanstack|openapi-fetch|openapi-typescript)/ },
            { name: "shared", test: SHARED },
            { name: "forms", test: /node_modules\/(react-hook-form|@hookform|valibot)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: API, changeOrigin: true, headers: { origin: API } } } },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    css: false,
    restoreMocks: true,
  },
});
