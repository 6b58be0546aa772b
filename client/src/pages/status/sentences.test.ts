import { describe, expect, it } from "vitest";

import { unreachable, upToDate } from "./sentences";

const at = (hour: number, minute: number, second: number) => new Date(2026, 10, 17, hour, minute, second);

describe("the page says how fresh it is", () => {
    it("to the second", () => {
        expect(upToDate(at(14, 5, 10))).toMatch(/^Up to date, .*05:10/);
    });

    it("and since when it is not", () => {
        const sentence = unreachable(at(14, 5, 10), at(14, 5, 20));
        expect(sentence).toMatch(
            /^Galaxy cannot be reached since .*05.*; shown is what was known then\. Trying again…$/,
        );
    });

    it("and what time it shows, where nobody has looked for long", () => {
        const sentence = unreachable(at(12, 0, 0), at(14, 5, 20));
        expect(sentence).toMatch(/^Galaxy cannot be reached at the moment; shown is what was known at .*00.*\. Trying/);
    });
});
