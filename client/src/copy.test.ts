import { afterEach, expect, test, vi } from "vitest";

import { copy } from "./copy";

const writeText = vi.fn<(text: string) => Promise<void>>();

function browserWith(clipboard: boolean, command: boolean): string[] {
    const selected: string[] = [];
    vi.stubGlobal("navigator", clipboard ? { clipboard: { writeText } } : {});
    document.execCommand = () => {
        selected.push(document.querySelector("textarea")?.value ?? "");
        return command;
    };
    return selected;
}

afterEach(() => {
    vi.unstubAllGlobals();
    writeText.mockReset();
});

test("a link goes into the clipboard", async () => {
    const selected = browserWith(true, true);
    writeText.mockResolvedValue();
    expect(await copy("https://example.org/")).toBe(true);
    expect(writeText).toHaveBeenCalledWith("https://example.org/");
    expect(selected).toEqual([]);
});

test("without https there is no clipboard, and the old way is taken", async () => {
    const selected = browserWith(false, true);
    document.body.innerHTML = "<button>Copy</button>";
    const button = document.querySelector("button");
    button?.focus();
    expect(await copy("http://example.org/")).toBe(true);
    expect(selected).toEqual(["http://example.org/"]);
    expect(document.querySelector("textarea")).toBeNull();
    expect(document.activeElement).toBe(button);
});

test("a browser that refuses both says so", async () => {
    browserWith(true, false);
    writeText.mockRejectedValue(new Error("not allowed"));
    expect(await copy("https://example.org/")).toBe(false);
});
