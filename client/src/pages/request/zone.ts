import { clockIn, findZone, guessZone } from "../../zones";

/** Guesses the time zone, accepts cities, and shows what time it is there. */
export function watchZone(form: HTMLFormElement): void {
    const field = form.querySelector<HTMLInputElement>("#timezone");
    const note = form.querySelector<HTMLElement>("#timezone-note");
    if (!field || !note || field.readOnly) {
        return;
    }
    const zones = [...(field.list?.options ?? [])].map((option) => option.value);
    let guessed = false;
    if (field.dataset.guess) {
        const guess = guessZone(zones);
        guessed = guess !== null;
        field.value = guess ?? field.value;
    }

    function say(): void {
        const clock = clockIn(field?.value.trim() ?? "");
        note?.replaceChildren(clock ? `${guessed ? "Guessed from your computer. " : ""}It is ${clock} there now.` : "");
    }

    // The list offers what contains the text, so that has to make room first.
    field.addEventListener("focus", () => field.select());
    field.addEventListener("input", () => {
        guessed = false;
        note.replaceChildren();
    });
    field.addEventListener("change", () => {
        field.value = findZone(field.value, zones) ?? field.value;
        say();
    });
    say();
}
