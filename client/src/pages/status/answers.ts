/** What the server says to the question for the live part. */
export type Answer =
    | { kind: "same" }
    | { kind: "fresh"; content: DocumentFragment; etag: string }
    | { kind: "closed"; sentence: string; reloadHelps: boolean };

/** The dashboard is closed to the reader: said by the server itself, or by something before it. */
const CLOSED = new Map([
    [403, "This dashboard is not open to you any more."],
    [404, "This training does not exist any more."],
    [410, "This training is over, and its dashboard is closed."],
]);

/**
 * Reads an answer.
 *
 * @throws Error if it is none: a server that is busy, or a page of something between it and the reader.
 */
export async function read(response: Response): Promise<Answer> {
    if (response.status === 304) {
        return { kind: "same" };
    }
    const text = await response.text();
    const sentence = CLOSED.get(response.status);
    if (sentence) {
        const isSentence = response.headers.get("content-type")?.startsWith("text/plain");
        return { kind: "closed", sentence: isSentence ? text : sentence, reloadHelps: response.status === 403 };
    }
    const etag = response.headers.get("etag");
    if (!response.ok || !etag) {
        throw new Error(`answered ${response.status}`);
    }
    return { kind: "fresh", content: document.createRange().createContextualFragment(text), etag };
}
