import { endAfter, length, todayIn, tooSoon } from "../../days";

/** Sets the first day that a field takes. Chromium forgets what is half typed into one whose limit is set, even to the same. */
function limit(field: HTMLInputElement, day: string): void {
    if (field.min !== day) {
        field.min = day;
    }
}

/** Keeps the two days in order, and says at once how long the course is and whether it can still be asked for. */
export function watchDays(form: HTMLFormElement): void {
    const start = form.querySelector<HTMLInputElement>("#start");
    const end = form.querySelector<HTMLInputElement>("#end");
    const zone = form.querySelector<HTMLInputElement>("#timezone");
    const note = form.querySelector<HTMLElement>("#days-note");
    if (!start || !end || !note || start.readOnly) {
        return;
    }
    const { noticeDays, contact } = note.dataset;
    const first = start.value;
    let [oldStart, oldEnd] = [start.value, end.value];

    function say(): void {
        if (!start || !end || !note) {
            return;
        }
        limit(end, start.value);
        const today = todayIn(zone?.value ?? "");
        const late =
            noticeDays && start.value !== (start.dataset.stored ?? "")
                ? tooSoon(start.value, today, Number(noticeDays))
                : "";
        const parts: (string | Node)[] = [];
        if (noticeDays) {
            limit(start, [today, first].filter(Boolean).sort()[0] ?? today);
        }
        if (late) {
            const icon = document.createElement("span");
            icon.className = "fas fa-exclamation-circle";
            icon.ariaHidden = "true";
            parts.push(icon, ` ${late}`);
            if (contact) {
                const link = document.createElement("a");
                link.href = `mailto:${contact}?subject=${encodeURIComponent("A training at short notice")}`;
                link.textContent = contact;
                parts.push(" If yours cannot wait, write to ", link, ".");
            } else {
                parts.push(" If yours cannot wait, please write to the administrators.");
            }
        } else {
            parts.push(length(start.value, end.value));
        }
        note.classList.toggle("tiaas-bad", late !== "");
        note.replaceChildren(...parts);
    }

    // Who types goes through other days on the way to theirs; what was there before is what counts.
    start.addEventListener("focus", () => {
        [oldStart, oldEnd] = [start.value || oldStart, end.value];
    });
    start.addEventListener("change", () => {
        end.value = endAfter(start.value, oldEnd, oldStart);
        say();
    });
    end.addEventListener("change", say);
    zone?.addEventListener("change", say);
    say();
}
