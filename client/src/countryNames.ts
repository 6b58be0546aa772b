/** Names of countries as people type them. */

const SMALL_WORDS = new Set(["a", "and", "of", "the"]);

/** Without case, accents and punctuation: `cote divoire`. */
export function plain(name: string): string {
    return name
        .normalize("NFKD")
        .toLowerCase()
        .replaceAll(/[\p{Mn}'’‘ʼ`´′.]/gu, "")
        .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, " ")
        .trim();
}

/** The words that have to be found; `The Gambia` is found as `gambia`. */
export function wanted(typed: string): string {
    const text = plain(typed);
    return words(text).join(" ") || text;
}

/** Whether one of the names, which `|` separates, has these words, in whatever order. */
export function exactly(typed: string, names: string): boolean {
    const sought = sorted(plain(typed));
    return sought !== "" && names.split(" | ").some((name) => sorted(name) === sought);
}

function words(text: string): string[] {
    return text.split(" ").filter((word) => word !== "" && !SMALL_WORDS.has(word));
}

function sorted(text: string): string {
    return words(text).sort().join(" ");
}
