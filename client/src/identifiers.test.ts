import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { addressOf, debounced } from "./identifiers";

const QUESTION = { text: "", title: "", start: "", exceptFor: "" };

describe("the question about an identifier", () => {
    it("carries whatever was typed", () => {
        const address = addressOf("/galaxy/api/tiaas/identifiers", { ...QUESTION, text: "a&b c", title: "C++ & R" });
        expect(address).toBe("/galaxy/api/tiaas/identifiers?text=a%26b+c&title=C%2B%2B+%26+R");
    });

    it("names the year of the course once that is known", () => {
        expect(addressOf("", { ...QUESTION, start: "2027-03-01" })).toContain("year=2027");
        expect(addressOf("", { ...QUESTION, start: "0002-03-01" })).not.toContain("year");
    });

    it("names the training that is changed", () => {
        expect(addressOf("", { ...QUESTION, exceptFor: "gryffindor" })).toContain("except_for=gryffindor");
    });

    it("is never longer than the API allows", () => {
        expect(addressOf("", { ...QUESTION, title: "t".repeat(300) })).toContain(`title=${"t".repeat(255)}`);
        expect(addressOf("", { ...QUESTION, title: "t".repeat(300) })).not.toContain("t".repeat(256));
    });
});

describe("what is debounced", () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    it("happens once, after the last key", () => {
        const action = vi.fn();
        const ask = debounced(action, 300);
        ask();
        vi.advanceTimersByTime(200);
        ask();
        vi.advanceTimersByTime(299);
        expect(action).not.toHaveBeenCalled();
        vi.advanceTimersByTime(1);
        expect(action).toHaveBeenCalledOnce();
    });
});
