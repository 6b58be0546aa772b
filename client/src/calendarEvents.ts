// Between the calendar's JSON, whose last day belongs to a training, and FullCalendar, whose end does not.
import type { EventInput } from "@fullcalendar/core";

/** One training as `/tiaas/calendar/events.json` has it; the public gets the two days alone. */
export interface Training {
    start: string;
    end: string;
    title?: string;
    url?: string;
    attendance?: number;
}

/** The months that the page knows an address for. */
export const FIRST_YEAR = 2000;
export const LAST_YEAR = 2100;

/** The day that is `days` after `day`, both written `YYYY-MM-DD`. */
export function addDays(day: string, days: number): string {
    const moment = new Date(`${day}T00:00:00Z`);
    moment.setUTCDate(moment.getUTCDate() + days);
    return moment.toISOString().slice(0, 10);
}

function countDays({ start, end }: Training): number {
    return Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000) + 1;
}

const DAYS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** `30 October – 1 November 2026` */
export function daysInWords({ start, end }: Training): string {
    return DAYS.formatRange(new Date(start), new Date(end)).replace(/\s*–\s*/u, " – ");
}

function plural(count: number, one: string, many: string): string {
    return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** What FullCalendar needs to draw a training. */
export function toEvent(training: Training): EventInput {
    const days = countDays(training);
    const title = training.title ?? (days === 1 ? "Training" : `Training, ${days} days`);
    const people =
        training.attendance === undefined ? [] : [plural(training.attendance, "person", "people") + " expected"];
    return {
        start: training.start,
        end: addDays(training.end, 1),
        allDay: true,
        title,
        ...(training.url ? { url: training.url } : {}),
        extendedProps: {
            days: daysInWords(training),
            hint: [title, ...(training.title ? [plural(days, "day", "days")] : []), ...people].join(", "),
        },
    };
}

/** The question for the trainings that FullCalendar wants to draw: its range without the end. */
export function toQuery(startStr: string, endStr: string): string {
    return new URLSearchParams({ start: startStr.slice(0, 10), end: addDays(endStr.slice(0, 10), -1) }).toString();
}

export type View = "month" | "list";

/** Which month and view an address asks for; without a month, the one of today. */
export function readAddress(search: string): { day?: string; view?: View } {
    const query = new URLSearchParams(search);
    const [year, month] = [Number(query.get("year")), Number(query.get("month"))];
    const exists = year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12;
    const view = query.get("view");
    return {
        day: exists ? `${year}-${String(month).padStart(2, "0")}-01` : undefined,
        view: view === "month" || view === "list" ? view : undefined,
    };
}

/** The query of a month's address; the page without a script understands year and month, too. */
export function writeAddress(day: Date, view: View): string {
    return `?year=${day.getFullYear()}&month=${day.getMonth() + 1}&view=${view}`;
}
