/** Time zones by the names that people type. */

/** The zone meant by `berlin`, `new york` or `europe/berlin`; `null` if it is none of `zones`. */
export function findZone(text: string, zones: readonly string[]): string | null {
    const wanted = text.trim().replaceAll(/\s+/g, "_").toLowerCase();
    const found =
        zones.find((zone) => zone.toLowerCase() === wanted) ??
        zones.find((zone) => zone.toLowerCase().endsWith(`/${wanted}`));
    return wanted && found ? found : null;
}

/** The zone of the reader's computer, if the server knows it. */
export function guessZone(zones: readonly string[]): string | null {
    return findZone(Intl.DateTimeFormat().resolvedOptions().timeZone, zones);
}

/** What a clock shows there, such as `16:05`; empty if there is no such zone. */
export function clockIn(zone: string, now = new Date()): string {
    try {
        return now.toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    } catch {
        return "";
    }
}
