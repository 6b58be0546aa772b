import { describe, expect, it } from "vitest";

import { exactly, plain, wanted } from "./countryNames";

const NAMES = ["South Korea", "Korea, Republic of", "대한민국"].map(plain).join(" | ");

describe("the name of a country", () => {
    it.each([
        ["Côte d’Ivoire", "cote divoire"],
        ["COTE D'IVOIRE", "cote divoire"],
        ["Bosnia & Herzegovina", "bosnia herzegovina"],
        ["Guinea-Bissau ", "guinea bissau"],
        ["U.S.A.", "usa"],
    ])("is %s without what may be typed otherwise", (name, expected) => {
        expect(plain(name)).toBe(expected);
    });

    it.each(["south korea", "Korea, South", "Republic of Korea", "korea (the republic of)", "대한민국"])(
        "is %s",
        (typed) => {
            expect(exactly(typed, NAMES)).toBe(true);
        },
    );

    it.each(["Korea", "South", "", "the", "North Korea"])("is not '%s'", (typed) => {
        expect(exactly(typed, NAMES)).toBe(false);
    });

    it.each([
        ["The Gambia", "gambia"],
        ["Isle of M", "isle m"],
        ["of the", "of the"],
    ])("is looked for by what tells it from others: %s", (typed, expected) => {
        expect(wanted(typed)).toBe(expected);
    });
});
