import { expect, test } from "vitest";

import { toLocal, toUtc, useLocalTime } from "./moments";

test("a moment in UTC has another hour in Berlin, in summer yet another", () => {
    expect(toLocal("2026-11-22T23:30")).toBe("2026-11-23T00:30");
    expect(toLocal("2026-07-22T23:30")).toBe("2026-07-23T01:30");
    expect(toUtc("2026-11-23T00:30")).toBe("2026-11-22T23:30");
    expect(toUtc("2026-07-23T01:30")).toBe("2026-07-22T23:30");
});

test("no moment is none in any time zone", () => {
    expect([toLocal(""), toUtc(""), toLocal("soon")]).toEqual(["", "", ""]);
});

test("what is typed in local time is sent in UTC", () => {
    document.body.innerHTML =
        '<form><p id="help">In UTC. Empty: now.</p><input id="at" name="at" value="2026-11-22T12:00"></form>';
    const form = document.querySelector("form") as HTMLFormElement;
    const field = document.querySelector("input") as HTMLInputElement;
    useLocalTime(field, document.querySelector("#help"));
    expect(field.value).toBe("2026-11-22T13:00");
    expect(document.querySelector("#help")?.textContent).toBe("In your time zone. Empty: now.");
    expect(new FormData(form).getAll("at")).toEqual(["2026-11-22T12:00"]);
    field.value = "2026-12-24T18:00";
    form.dispatchEvent(new Event("submit"));
    expect(new FormData(form).getAll("at")).toEqual(["2026-12-24T17:00"]);
});
