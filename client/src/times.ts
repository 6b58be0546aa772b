const STYLES: Record<string, Intl.DateTimeFormatOptions> = {
    medium: { dateStyle: "medium", timeStyle: "short" },
    day: { dateStyle: "medium" },
    today: { timeStyle: "short" },
    short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
};

/** Puts the reader's local time into every `time` element below `root`, which shows UTC otherwise. */
export function showLocalTimes(root: ParentNode, now = new Date()): void {
    for (const element of root.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
        const moment = new Date(element.dateTime);
        const isToday = moment.toDateString() === now.toDateString();
        const style = element.dataset.style === "short" && isToday ? "today" : element.dataset.style;
        element.title = `${element.dateTime.replace("T", " ").replace("Z", "")} UTC`;
        element.textContent =
            style === "spoken" ? spoken(moment, now) : moment.toLocaleString([], STYLES[style ?? "medium"]);
    }
}

const DAYS = new Map([
    [-1, "yesterday"],
    [0, "today"],
    [1, "tomorrow"],
]);

/** A moment within an English sentence, in local time: "today at 18:00", "Tuesday 1 December at 09:00". */
export function spoken(moment: Date, now: Date): string {
    const time = moment.toLocaleTimeString([], { timeStyle: "short" });
    const distance = Math.round((midnight(moment) - midnight(now)) / 86_400_000);
    const year = moment.getFullYear() === now.getFullYear() ? undefined : "numeric";
    const day = moment.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year });
    return `${DAYS.get(distance) ?? day.replace(",", "")} at ${time}`;
}

function midnight(moment: Date): number {
    return new Date(moment).setHours(0, 0, 0, 0);
}
