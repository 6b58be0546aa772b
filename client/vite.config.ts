import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { defineConfig } from "vitest/config";

const pages = resolve(import.meta.dirname, "src/pages");

/** One entry for each kind of page, so that a page loads only what it uses. */
const input = Object.fromEntries(readdirSync(pages).map((name) => [name, resolve(pages, name, "index.ts")]));

export default defineConfig({
    // Galaxy decides where the files are served, so they name each other relatively.
    base: "./",
    build: {
        outDir: process.env.TIAAS_DIST ?? "../lib/galaxy_tiaas/static/dist",
        emptyOutDir: true,
        manifest: "manifest.json",
        license: { fileName: "licenses.md" },
        modulePreload: { polyfill: false },
        target: "es2022",
        rollupOptions: {
            input,
            output: {
                entryFileNames: "[name]-[hash].js",
                chunkFileNames: "[name]-[hash].js",
                assetFileNames: "[name]-[hash][extname]",
            },
        },
    },
    test: {
        environment: "happy-dom",
        include: ["src/**/*.test.ts"],
        env: { TZ: "Europe/Berlin" },
    },
});
