import { whileVisible } from "../../polling";
import { Refused, request } from "../../requests";
import { showLocalTimes } from "../../times";

/** Where somebody stands in the class: `PlaceView` of the API. */
export interface Place {
    member: boolean;
    active: boolean;
    closes: string;
    hand_raised_at: string | null;
    question: { id: string; text: string; done: boolean | null } | null;
    course_only: boolean;
    note: string | null;
}

/** The part of the page that a class is about: the own hand, and what the instructor asks. */
export class Classroom {
    private readonly training: string;
    private readonly hand: HTMLFormElement;
    private readonly question: HTMLFormElement;
    /** Counts what was asked of the server: of answers that overtake each other, the one to the last request counts. */
    private requests = 0;
    /** Whether nothing can happen here any more: the training is over or gone, or the reader has left it. */
    private closed = false;

    constructor(private readonly root: HTMLElement) {
        this.training = root.dataset.training ?? "";
        this.hand = this.find("#hand");
        this.question = this.find("#question");
    }

    /** Sends the forms without a reload, and asks now and then what is new. */
    open(): void {
        this.hand.addEventListener("submit", (event) => {
            this.submit(event, "hand", (value) => ({ raised: value }));
        });
        this.question.addEventListener("submit", (event) => {
            const question = this.question.querySelector<HTMLInputElement>("[name=question]")?.value;
            this.submit(event, "answer", (value) => ({ done: value, question }));
        });
        whileVisible(Number(this.root.dataset.seconds), async () => {
            await this.ask("GET", "membership");
            return !this.closed;
        });
    }

    /** Puts what the server says into the page. */
    show(place: Place, now = new Date()): void {
        this.showHand(place.hand_raised_at);
        this.showQuestion(place.question);
        this.find("#course-only").hidden = !place.course_only;
        this.showActivation(Boolean(place.note));
        const over = new Date(place.closes) <= now;
        this.root.querySelector("#until-the-end")?.toggleAttribute("hidden", over);
        this.closed = !place.member || over;
        if (this.closed) {
            this.hand.hidden = true;
            this.say(over ? "This training is over." : "You have left this training.");
        } else {
            this.hand.hidden &&= !place.active;
            this.say("");
        }
    }

    private showHand(raisedAt: string | null): void {
        const [down, up] = [this.find("#hand-down"), this.find("#hand-up")];
        const time = up.querySelector("time");
        if (raisedAt && time?.dateTime !== raisedAt) {
            time?.setAttribute("datetime", raisedAt);
            showLocalTimes(up);
        }
        down.hidden = raisedAt !== null;
        up.hidden = raisedAt === null;
        this.find<HTMLButtonElement>("#hand button").value = String(raisedAt === null);
    }

    private showQuestion(question: Place["question"]): void {
        this.question.hidden = question === null;
        if (question === null) {
            return;
        }
        const text = this.find("#question-text");
        if (text.textContent !== question.text) {
            text.textContent = question.text;
        }
        this.find<HTMLInputElement>("#question [name=question]").value = question.id;
        for (const button of this.question.querySelectorAll("button")) {
            button.setAttribute("aria-pressed", String(button.value === String(question.done)));
        }
    }

    /** What to do first, or else until when the queue is open: for somebody whose account is activated meanwhile. */
    private showActivation(needed: boolean): void {
        const [first, queue] = ["#activate", "#queue"].map((id) => this.root.querySelector<HTMLElement>(id));
        if (first && queue) {
            first.hidden = !needed;
            queue.hidden = needed;
        }
    }

    private submit(event: SubmitEvent, path: string, body: (value: boolean) => unknown): void {
        if (event.submitter instanceof HTMLButtonElement) {
            event.preventDefault();
            void this.ask("PUT", path, body(event.submitter.value === "true"));
        }
    }

    private async ask(method: string, path: string, body?: unknown): Promise<void> {
        const number = ++this.requests;
        try {
            const place = await request<Place>(method, `${this.training}/${path}`, body);
            if (number === this.requests) {
                this.show(place);
            }
        } catch (problem) {
            if (number !== this.requests) {
                return;
            }
            if (problem instanceof Refused && problem.status === 409) {
                await this.ask("GET", "membership"); // something else is asked meanwhile, or nothing
                return;
            }
            this.closed = problem instanceof Refused && [404, 410].includes(problem.status);
            this.say(trouble(problem));
        }
    }

    /** Says what is wrong, or, with nothing, that all is well. */
    private say(words: string): void {
        const place = this.find("#trouble");
        place.hidden = words === "";
        if (place.textContent !== words) {
            place.textContent = words;
        }
    }

    private find<T extends HTMLElement>(selector: string): T {
        const found = this.root.querySelector<T>(selector);
        if (!found) {
            throw new Error(`The page has no ${selector}`);
        }
        return found;
    }
}

/** A sentence for somebody whose click, or whose page, has not reached Galaxy. */
export function trouble(problem: unknown): string {
    const status = problem instanceof Refused ? problem.status : 0;
    if (status === 401 || status === 403) {
        return "You are not logged in any more, or not in this training. Reload this page.";
    }
    if (status === 404 || status === 410) {
        return (problem as Refused).message;
    }
    return "Galaxy cannot be reached. This page tries again by itself; what you clicked, click again.";
}
