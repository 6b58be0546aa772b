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
        element.textContent = moment.toLocaleString([], STYLES[style ?? "medium"]);
    }
}
