import { expect, test } from "vitest";

import { bestScale } from "./fit";

const room = (most: number) => (scale: number) => scale <= most + 1e-9;

test("letters are as large as there is room for, within limits", () => {
    expect(bestScale(room(0.87))).toBeCloseTo(0.85);
    expect(bestScale(room(9))).toBeCloseTo(1.3);
    expect(bestScale(room(0.1))).toBeCloseTo(0.55);
});

test("letters become smaller at once, and larger only when it is worth while", () => {
    expect(bestScale(room(0.7), 0.85)).toBeCloseTo(0.7);
    expect(bestScale(room(0.9), 0.85)).toBe(0.85);
    expect(bestScale(room(1), 0.85)).toBeCloseTo(1);
    expect(bestScale(room(9), 1.3)).toBe(1.3);
});
