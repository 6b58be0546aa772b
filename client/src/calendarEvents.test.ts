import { expect, test } from "vitest";

import { addDays, daysInWords, readAddress, toEvent, toQuery, writeAddress } from "./calendarEvents";

test("the last day of a training is on the calendar", () => {
    expect(toEvent({ start: "2026-11-16", end: "2026-11-18" })).toMatchObject({
        start: "2026-11-16",
        end: "2026-11-19",
        allDay: true,
    });
});

test("days are added across months, years and the change of the clocks", () => {
    expect(addDays("2026-10-24", 1)).toBe("2026-10-25");
    expect(addDays("2026-10-25", 1)).toBe("2026-10-26");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
});

test("the days of a training are written as people write them", () => {
    expect(daysInWords({ start: "2026-11-16", end: "2026-11-16" })).toBe("16 November 2026");
    expect(daysInWords({ start: "2026-11-16", end: "2026-11-18" })).toBe("16 – 18 November 2026");
    expect(daysInWords({ start: "2026-10-30", end: "2026-11-01" })).toBe("30 October – 1 November 2026");
    expect(daysInWords({ start: "2026-12-30", end: "2027-01-02" })).toBe("30 December 2026 – 2 January 2027");
});

test("the public reads how long a training is, and nothing else", () => {
    expect(toEvent({ start: "2026-11-16", end: "2026-11-16" }).title).toBe("Training");
    const event = toEvent({ start: "2026-11-16", end: "2026-11-18" });
    expect(event).toMatchObject({ title: "Training, 3 days", extendedProps: { hint: "Training, 3 days" } });
    expect(event).not.toHaveProperty("url");
});

test("admins read which training it is and how many people come", () => {
    const training = { start: "2026-11-16", end: "2026-11-17", title: "Potions", url: "/x", attendance: 1200 };
    expect(toEvent(training)).toMatchObject({
        title: "Potions",
        url: "/x",
        extendedProps: { hint: "Potions, 2 days, 1,200 people expected" },
    });
});

test("the server is asked for the days that are shown, the last one included", () => {
    expect(toQuery("2026-10-26T00:00:00+01:00", "2026-12-07T00:00:00+01:00")).toBe("start=2026-10-26&end=2026-12-06");
});

test("an address keeps the month and the view", () => {
    const address = writeAddress(new Date(2026, 10, 1), "list");
    expect(address).toBe("?year=2026&month=11&view=list");
    expect(readAddress(address)).toEqual({ day: "2026-11-01", view: "list" });
});

test("an address without a month, or with one that does not exist, means today", () => {
    for (const search of ["", "?year=2026", "?year=2026&month=13", "?year=1999&month=1", "?year=x&month=y&view=week"]) {
        expect(readAddress(search)).toEqual({ day: undefined, view: undefined });
    }
});
