/** What the API says about an identifier. */
export interface IdentifierCheck {
    identifier: string | null;
    valid: boolean;
    available: boolean;
    message: string;
    suggestions: string[];
}

export interface Question {
    text: string;
    title: string;
    /** First day of the training, perhaps not complete yet. */
    start: string;
    exceptFor: string;
}

/** The address that answers the question. */
export function addressOf(base: string, { text, title, start, exceptFor }: Question): string {
    const query = new URLSearchParams({ text, title: title.slice(0, 255) });
    const year = Number(start.slice(0, 4));
    if (year >= 2000 && year <= 2100) {
        query.set("year", String(year));
    }
    if (exceptFor) {
        query.set("except_for", exceptFor);
    }
    return `${base}?${query.toString()}`;
}

/** Calls `action` when nothing was asked for some milliseconds. */
export function debounced(action: () => void, milliseconds: number): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(action, milliseconds);
    };
}
