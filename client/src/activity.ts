/** What `…/activity` answers, as far as it is drawn. */
export interface Activity {
    bucket_seconds: number;
    buckets: { start: string; states: Record<string, number> }[];
    waits: {
        members: Wait | null;
        members_withheld: string | null;
        others: Wait | null;
        others_withheld: string | null;
    };
}

/** Seconds within which a quarter, half and three quarters of the jobs started. */
export interface Wait {
    jobs: number;
    sampled: boolean;
    p25: number;
    median: number;
    p75: number;
}

/** Job states that mean the same to a teacher. The last group of a list is also for states that nobody knows. */
export interface Group {
    name: string;
    states: string[];
}

/** Jobs of one span of time, by group. */
export interface Span {
    from: Date;
    to: Date;
    counts: Map<string, number>;
    total: number;
}

/** A part of a bar: the jobs of one group, on top of those of the groups before it. */
export interface Segment {
    from: Date;
    to: Date;
    group: string;
    below: number;
    above: number;
}

export interface Tick<T> {
    at: T;
    label: string;
}

const MINUTE = 60_000;
const TIME_STEPS = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
const WAIT_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400];

export function spansOf(activity: Activity, groups: Group[]): Span[] {
    return activity.buckets.map(({ start, states }) => {
        const counts = new Map(groups.map(({ name }) => [name, 0]));
        let total = 0;
        for (const [state, count] of Object.entries(states)) {
            const group = groups.find((group) => group.states.includes(state)) ?? groups.at(-1);
            counts.set(group?.name ?? state, (counts.get(group?.name ?? state) ?? 0) + count);
            total += count;
        }
        const from = new Date(start);
        return { from, to: new Date(from.getTime() + 1000 * activity.bucket_seconds), counts, total };
    });
}

export function segmentsOf(spans: Span[]): Segment[] {
    return spans.flatMap(({ from, to, counts }) => {
        let above = 0;
        return [...counts]
            .filter(([, count]) => count > 0)
            .map(([group, count]) => ({ from, to, group, below: above, above: (above += count) }));
    });
}

/** Sums over all spans, in the order of the groups. */
export function totalsOf(spans: Span[], groups: Group[]): Map<string, number> {
    return new Map(
        groups.map(({ name }) => [name, spans.reduce((sum, { counts }) => sum + (counts.get(name) ?? 0), 0)]),
    );
}

/** Round local times between two moments, at most so many; midnight is labelled with its day. */
export function timeTicks(from: Date, to: Date, most: number): Tick<Date>[] {
    const step = TIME_STEPS.find((step) => (to.getTime() - from.getTime()) / (step * MINUTE) <= most) ?? 2880;
    const ticks: Tick<Date>[] = [];
    for (let minutes = 0; ; minutes += step) {
        const at = new Date(from.getFullYear(), from.getMonth(), from.getDate(), 0, minutes);
        if (at > to) {
            return ticks;
        }
        if (at >= from) {
            ticks.push({ at, label: clock(at) });
        }
    }
}

function clock(moment: Date): string {
    return moment.getHours() || moment.getMinutes()
        ? moment.toLocaleTimeString([], { timeStyle: "short" })
        : moment.toLocaleDateString("en-GB", { weekday: "short", day: "numeric" });
}

/** Round waits from 0 on, at most so many beyond it. */
export function waitTicks(longest: number, most: number): Tick<number>[] {
    const step = WAIT_STEPS.find((step) => longest / step <= most) ?? Math.ceil(longest / most);
    return Array.from({ length: Math.floor(longest / step) + 1 }, (_, number) => ({
        at: number * step,
        label: number ? duration(number * step) : "0",
    }));
}

/** Seconds in words as exact as one remembers them: 45 s, 2 min 30 s, 12 min, 3 h 5 min. */
export function duration(seconds: number): string {
    if (seconds < 600) {
        return inUnits(seconds, 60, "min", "s");
    }
    return inUnits(Math.round(seconds / 60), 60, "h", "min");
}

function inUnits(amount: number, size: number, large: string, small: string): string {
    const [many, few] = [Math.floor(amount / size), amount % size];
    return [many && `${many} ${large}`, (few || !many) && `${few} ${small}`].filter(Boolean).join(" ");
}

/** Half of the jobs started within this, of which the answer has whole seconds. */
export function within({ median }: Wait): string {
    return duration(Math.max(median, 1));
}

/** How long this class and everybody else waited, or why that is not said. */
export function waitSentence({ members, members_withheld, others, others_withheld }: Activity["waits"]): string {
    if (members && others) {
        return (
            `Half of the jobs of this class started within ${within(members)};` +
            ` elsewhere on this server, half started within ${within(others)}.`
        );
    }
    if (members) {
        const reason = others_withheld === "one_person" ? "are mostly one person’s" : "are too few";
        return (
            `Half of the jobs of this class started within ${within(members)}.` +
            ` Those of everybody else ${reason}, so they are not shown beside them.`
        );
    }
    const reason =
        members_withheld === "one_person"
            ? "most of its jobs are one person’s."
            : "too few of its jobs have run, or too few people’s.";
    const own = `For this class it is not shown: ${reason}`;
    return others ? `${own} Elsewhere on this server, half of the jobs started within ${within(others)}.` : own;
}

/** The bars in a sentence, for those who do not see them. */
export function barsInWords(spans: Span[], groups: Group[]): string {
    const [first, last] = [spans[0], spans.at(-1)];
    const busiest = spans.reduce((most, span) => (span.total > most.total ? span : most), spans[0] as Span);
    if (!first || !last) {
        return "";
    }
    const day = (moment: Date): string => moment.toLocaleDateString("en-GB", { weekday: "long" });
    const time = (moment: Date): string => moment.toLocaleTimeString([], { timeStyle: "short" });
    const days = day(first.from) === day(last.to) ? "" : `${day(first.from)} `;
    const sums = [...totalsOf(spans, groups)].filter(([, sum]) => sum).map(([name, sum]) => `${sum} ${name}`);
    return (
        `Jobs by the time they were created, from ${days}${time(first.from)} on: ${sums.join(", ")}.` +
        ` The most, ${busiest.total}, between ${time(busiest.from)} and ${time(busiest.to)}.`
    );
}
