/** Days as a date field has them, `2027-03-31`; all arithmetic is in UTC, where each day has 24 hours. */

const DAY = 24 * 60 * 60 * 1000;

/** No time before the year 1000: somebody is typing 2027, which Chromium takes for the years 2, 20 and 202 before. */
function time(day: string): number {
    return /^[1-9]\d{3}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
}

function written(day: string, style: Intl.DateTimeFormatOptions): string {
    return new Date(time(day)).toLocaleDateString("en-GB", { ...style, timeZone: "UTC" });
}

export function addDays(day: string, count: number): string {
    return new Date(time(day) + count * DAY).toISOString().slice(0, 10);
}

/** Days from `start` to `end`; not a number if one of them is none. */
export function distance(start: string, end: string): number {
    return (time(end) - time(start)) / DAY;
}

/** The calendar day in a time zone, or in the reader's if there is no such zone. */
export function todayIn(zone: string, now = new Date()): string {
    try {
        return now.toLocaleDateString("sv-SE", { timeZone: zone });
    } catch {
        return now.toLocaleDateString("sv-SE");
    }
}

/** `3 days, Monday to Wednesday`; empty if the days are not (yet) possible. */
export function length(start: string, end: string): string {
    const days = distance(start, end) + 1;
    if (!(days >= 1)) {
        return "";
    }
    const first = written(start, { weekday: "long" });
    return days === 1 ? `1 day, a ${first}` : `${days} days, ${first} to ${written(end, { weekday: "long" })}`;
}

/** The last day after the first was changed: it follows when it is empty or would be earlier, and keeps the length. */
export function endAfter(start: string, end: string, oldStart: string): string {
    if (Number.isNaN(distance(start, start)) || distance(start, end) >= 0) {
        return end;
    }
    const days = distance(oldStart, end);
    return addDays(start, days > 0 ? days : 0);
}

/** Why a first day cannot be asked for; empty if it can. `notice` are the days for which admins want to know before. */
export function tooSoon(start: string, today: string, notice: number): string {
    const days = distance(today, start);
    if (Number.isNaN(days) || days >= notice) {
        return "";
    }
    if (days < 0) {
        return "The first day lies in the past.";
    }
    const when = days === 0 ? "today" : days === 1 ? "tomorrow" : `in ${days} days`;
    const earliest = written(addDays(today, notice), { weekday: "long", day: "numeric", month: "long" });
    return `That is ${when}. Requests are possible for ${earliest} and later.`;
}
