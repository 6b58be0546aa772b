/** `2027-03-31T14:00` in the reader's time zone for the same in UTC, as fields of type `datetime-local` hold it. */
export function toLocal(utc: string): string {
    const moment = new Date(`${utc}Z`);
    return isNaN(moment.getTime()) ? "" : fieldOf(moment, moment.getTimezoneOffset());
}

/** The other way round. */
export function toUtc(local: string): string {
    const moment = new Date(local);
    return isNaN(moment.getTime()) ? "" : fieldOf(moment, 0);
}

function fieldOf(moment: Date, minutesBehindUtc: number): string {
    return new Date(moment.getTime() - minutesBehindUtc * 60_000).toISOString().slice(0, 16);
}

/** Lets the reader type local time into a field that is sent, by another one, in UTC. */
export function useLocalTime(field: HTMLInputElement, help: Element | null): void {
    const sent = document.createElement("input");
    sent.type = "hidden";
    sent.name = field.name;
    sent.value = field.value;
    field.removeAttribute("name");
    field.value = toLocal(sent.value);
    field.after(sent);
    field.form?.addEventListener("submit", () => {
        sent.value = toUtc(field.value);
    });
    if (help?.textContent) {
        help.textContent = help.textContent.replace("In UTC", "In your time zone");
    }
}
