/** What is asked again and again; a signal ends a question that takes too long or is not wanted any more. */
export type Ask = (signal: AbortSignal) => Promise<"again" | "done">;

const LONGEST_PAUSE = 60_000;
const TIMEOUT = 30_000;

/**
 * Milliseconds until the next question: the usual, and after each failure twice as long, up to a minute. A share of it
 * is left to chance, so that many viewers who came at once do not go on asking at once.
 */
export function pause(usual: number, failures: number, chance = Math.random()): number {
    const length = Math.min(usual * 2 ** failures, Math.max(LONGEST_PAUSE, usual));
    return length * (0.85 + 0.3 * chance);
}

/** Asks while somebody is looking: one question at a time, and at once when somebody comes back. */
export class Poller {
    #awake = false;
    #done = false;
    #failures = 0;
    #hurried = false;
    #question?: AbortController;
    #timer?: ReturnType<typeof setTimeout>;

    /** @param onFailure hears of questions that were not answered. */
    constructor(
        private readonly ask: Ask,
        private readonly usualPause: number,
        private readonly onFailure: () => void,
    ) {}

    /** Begins to ask, after a pause: what is on the page has just come. */
    start(): void {
        this.#awake = true;
        this.#later();
    }

    sleep(): void {
        this.#awake = false;
        clearTimeout(this.#timer);
        this.#question?.abort();
        this.#question = undefined;
    }

    wake(): void {
        if (!this.#awake) {
            this.#awake = true;
            this.now();
        }
    }

    /** Asks at once, or as soon as the present question is answered; not while nobody looks. */
    now(): void {
        this.#hurried = true;
        if (this.#awake && !this.#done && !this.#question) {
            clearTimeout(this.#timer);
            void this.#once();
        }
    }

    async #once(): Promise<void> {
        const question = (this.#question = new AbortController());
        const timeout = setTimeout(() => question.abort(), TIMEOUT);
        const isWanted = () => this.#question === question;
        this.#hurried = false;
        try {
            const outcome = await this.ask(question.signal);
            if (isWanted()) {
                this.#done = outcome === "done";
                this.#failures = 0;
            }
        } catch {
            if (isWanted()) {
                this.#failures += 1;
                this.onFailure();
            }
        } finally {
            clearTimeout(timeout);
            if (isWanted()) {
                this.#question = undefined;
                this.#later();
            }
        }
    }

    #later(): void {
        clearTimeout(this.#timer);
        if (this.#awake && !this.#done) {
            const length = this.#hurried ? 0 : pause(this.usualPause, this.#failures);
            this.#timer = setTimeout(() => this.now(), length);
        }
    }
}
