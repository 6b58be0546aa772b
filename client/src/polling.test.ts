import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { whileVisible } from "./polling";

let hidden = false;

beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});

afterEach(() => {
    hidden = false;
    vi.useRealTimers();
    vi.restoreAllMocks();
});

test("it asks again and again, first after the pause", async () => {
    const ask = vi.fn(() => Promise.resolve(true));
    whileVisible(10, ask);
    expect(ask).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ask).toHaveBeenCalledTimes(3);
});

test("a page that nobody sees asks nothing, and at once when it is seen again", async () => {
    const ask = vi.fn(() => Promise.resolve(true));
    whileVisible(10, ask);
    hidden = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(0);
    hidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    expect(ask).toHaveBeenCalledTimes(1);
});

test("it stops for good when there is nothing more to ask", async () => {
    const ask = vi.fn(() => Promise.resolve(false));
    whileVisible(10, ask);
    await vi.advanceTimersByTimeAsync(60_000);
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
});

test("a slow answer is waited for", async () => {
    const ask = vi.fn(() => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 25_000)));
    whileVisible(10, ask);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(ask).toHaveBeenCalledTimes(1);
});
