import { describe, expect, it } from "vitest";

import { addDays, endAfter, length, todayIn, tooSoon } from "./days";

describe("days", () => {
    it("are counted across months and the change of the clocks", () => {
        expect(addDays("2027-03-27", 2)).toBe("2027-03-29");
        expect(addDays("2028-02-28", 2)).toBe("2028-03-01");
    });

    it("depend on where somebody is", () => {
        const now = new Date("2027-03-01T23:30:00Z");
        expect(todayIn("Europe/London", now)).toBe("2027-03-01");
        expect(todayIn("Asia/Tokyo", now)).toBe("2027-03-02");
        expect(todayIn("Middle-earth/Shire", now)).toBe("2027-03-02"); // the tests run in Berlin
    });
});

describe("the length of a course", () => {
    it("is told with its weekdays", () => {
        expect(length("2027-03-01", "2027-03-03")).toBe("3 days, Monday to Wednesday");
        expect(length("2027-03-01", "2027-03-01")).toBe("1 day, a Monday");
    });

    it("is not told as long as the days make no sense", () => {
        expect(length("2027-03-03", "2027-03-01")).toBe("");
        expect(length("", "2027-03-01")).toBe("");
        expect(length("2027-03-01", "soon")).toBe("");
    });
});

describe("the last day", () => {
    it("follows the first when there is none yet", () => {
        expect(endAfter("2027-03-01", "", "")).toBe("2027-03-01");
    });

    it("keeps the length of the course when the first day moves past it", () => {
        expect(endAfter("2027-03-10", "2027-03-03", "2027-03-01")).toBe("2027-03-12");
    });

    it("stays when it is later anyway, and while the first day is not complete", () => {
        expect(endAfter("2027-03-02", "2027-03-03", "2027-03-01")).toBe("2027-03-03");
        expect(endAfter("", "2027-03-03", "2027-03-01")).toBe("2027-03-03");
        expect(endAfter("0202-03-01", "", "")).toBe("");
    });
});

describe("a request", () => {
    it("is in time from the day on that the notice period leaves", () => {
        expect(tooSoon("2027-03-11", "2027-03-01", 10)).toBe("");
        expect(tooSoon("2027-03-10", "2027-03-01", 10)).toContain("in 9 days");
        expect(tooSoon("2027-03-10", "2027-03-01", 10)).toContain("Thursday 11 March");
        expect(tooSoon("2027-03-01", "2027-03-01", 10)).toContain("today");
    });

    it("is not for the past", () => {
        expect(tooSoon("2027-02-28", "2027-03-01", 0)).toContain("past");
        expect(tooSoon("2027-03-01", "2027-03-01", 0)).toBe("");
    });

    it("is not judged before there is a day", () => {
        expect(tooSoon("", "2027-03-01", 10)).toBe("");
        expect(tooSoon("0020-03-11", "2027-03-01", 10)).toBe("");
    });
});
