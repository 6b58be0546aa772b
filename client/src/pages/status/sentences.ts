const MINUTE = 60_000;

function time(moment: Date, seconds?: "2-digit"): string {
    return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: seconds });
}

export function upToDate(now: Date): string {
    return `Up to date, ${time(now, "2-digit")}`;
}

/** @param known when what is shown was up to date; perhaps long ago, if nobody has looked since. */
export function unreachable(known: Date, now: Date): string {
    const since =
        now.getTime() - known.getTime() < 2 * MINUTE
            ? `since ${time(known)}; shown is what was known then.`
            : `at the moment; shown is what was known at ${time(known)}.`;
    return `Galaxy cannot be reached ${since} Trying again…`;
}
