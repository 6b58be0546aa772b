/** What happened in a year, as the statistics have it. */
export interface Year {
    year: number;
    trainings: number;
    days: number;
    attendance: number;
    joined: number;
    job_hours: number;
}

const NOTHING = { trainings: 0, days: 0, attendance: 0, joined: 0, job_hours: 0 };

/** All years from the first to the last; those without a training are empty. */
export function withoutGaps(years: Year[]): Year[] {
    const known = new Map(years.map((year) => [year.year, year]));
    const [first, last] = [years[0]?.year ?? 0, years.at(-1)?.year ?? -1];
    return Array.from(
        { length: last - first + 1 },
        (_, index) => known.get(first + index) ?? { ...NOTHING, year: first + index },
    );
}

/** How a year is written below a bar: in full as long as there is room. */
export function yearLabel(year: number, count: number): string {
    return count > 7 ? `’${String(year).slice(-2)}` : String(year);
}
