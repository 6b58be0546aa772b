const SECONDS = 20;

/** What the server said no to, in its own words. */
export class Refused extends Error {
    constructor(
        message: string,
        readonly status: number,
    ) {
        super(message);
    }
}

/**
 * Sends a request to Galaxy's API and returns the JSON of its answer.
 * Throws `Refused` for what the server refuses, and another error if there is no answer.
 */
export async function request<T>(method: string, address: string, body?: unknown): Promise<T> {
    const response = await fetch(address, {
        method,
        headers: {
            accept: "application/json",
            // Scripts of other sites cannot send it: the API asks for this or JSON wherever a session cookie comes along.
            "x-requested-with": "XMLHttpRequest",
            ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(1000 * SECONDS),
    });
    if (!response.ok) {
        const problem: unknown = await response.json().catch(() => null);
        throw new Refused(words(problem) ?? response.statusText, response.status);
    }
    return (await response.json()) as T;
}

/** The sentence in an error of Galaxy's API. */
function words(answer: unknown): string | undefined {
    const text = (answer as { err_msg?: unknown } | null)?.err_msg;
    return typeof text === "string" ? text : undefined;
}
