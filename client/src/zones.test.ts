import { describe, expect, it } from "vitest";

import { clockIn, findZone, guessZone } from "./zones";

const ZONES = ["UTC", "America/Argentina/Buenos_Aires", "America/New_York", "Europe/Berlin"];

describe("a time zone", () => {
    it.each([
        ["berlin", "Europe/Berlin"],
        [" New York ", "America/New_York"],
        ["buenos aires", "America/Argentina/Buenos_Aires"],
        ["europe/BERLIN", "Europe/Berlin"],
        ["utc", "UTC"],
    ])("is found as %s", (text, zone) => {
        expect(findZone(text, ZONES)).toBe(zone);
    });

    it.each(["", "  ", "Hogsmeade", "york"])("is not found as '%s'", (text) => {
        expect(findZone(text, ZONES)).toBeNull();
    });

    it("is guessed from the computer's, if the server knows that", () => {
        expect(guessZone(ZONES)).toBe("Europe/Berlin"); // the tests run there
        expect(guessZone(["UTC"])).toBeNull();
    });

    it("has a clock", () => {
        const now = new Date("2027-01-01T12:00:00Z");
        expect(clockIn("America/New_York", now)).toBe("07:00");
        expect(clockIn("Middle-earth/Shire", now)).toBe("");
    });
});
