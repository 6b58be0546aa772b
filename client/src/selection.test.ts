import { describe, expect, it } from "vitest";

import { boxOfAll, counted, range } from "./selection";

describe("choosing trainings from the list", () => {
    it("says how many are chosen", () => {
        expect([0, 1, 3].map(counted)).toEqual(["Nothing chosen", "1 chosen", "3 chosen"]);
    });

    it("ticks the box of all when all are chosen, and half when some are", () => {
        expect(boxOfAll(0, 3)).toEqual({ checked: false, indeterminate: false });
        expect(boxOfAll(2, 3)).toEqual({ checked: false, indeterminate: true });
        expect(boxOfAll(3, 3)).toEqual({ checked: true, indeterminate: false });
        expect(boxOfAll(0, 0)).toEqual({ checked: false, indeterminate: false });
    });

    it("reaches from one click to the next in either direction", () => {
        expect(range(2, 4)).toEqual([2, 5]);
        expect(range(4, 2)).toEqual([2, 5]);
        expect(range(1, 1)).toEqual([1, 2]);
    });
});
