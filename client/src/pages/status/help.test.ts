import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { requestOf, sendHelpForms } from "./help";

const FORMS = `
<p id="help-trouble" hidden></p>
<form data-help="lower" data-api="/api/x/hands/brave-otter"><input type="hidden" name="pseudonym" value="brave-otter">
    <button>Lower</button></form>
<form data-help="close" data-api="/api/x/question"><button>Close</button></form>
<form data-help="ask" data-api="/api/x/question">
    <select name="position"><option value="">all</option><option value="2">step 2</option></select>
    <input name="text"><button>Ask</button></form>`;

beforeEach(() => {
    document.body.innerHTML = FORMS;
});

afterEach(() => {
    vi.unstubAllGlobals();
});

function form(name: string): HTMLFormElement {
    return document.querySelector(`[data-help=${name}]`) as HTMLFormElement;
}

function submit(name: string): void {
    form(name).dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
}

test("each form is one request", () => {
    expect(requestOf(form("lower"))).toEqual(["PUT", "/api/x/hands/brave-otter", { raised: false }]);
    expect(requestOf(form("close"))).toEqual(["DELETE", "/api/x/question"]);
    expect(requestOf(form("ask"))).toEqual(["POST", "/api/x/question", { text: "", position: null }]);
    (form("ask").elements.namedItem("position") as HTMLSelectElement).value = "2";
    (form("ask").elements.namedItem("text") as HTMLInputElement).value = "Done?";
    expect(requestOf(form("ask"))).toEqual(["POST", "/api/x/question", { text: "Done?", position: 2 }]);
});

test("what has changed is shown", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("null")));
    const refresh = vi.fn();
    sendHelpForms(document.body, refresh);
    submit("close");
    await vi.waitFor(() => {
        expect(refresh).toHaveBeenCalledTimes(1);
    });
});

test.each([
    [403, "Only the instructors may do this."],
    [502, "Galaxy cannot be reached. Please try again in a moment."],
])("what the server refuses with %i is said, and nothing is refreshed", async (status, words) => {
    const body = '{"err_msg": "Only the instructors may do this."}';
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status })));
    const refresh = vi.fn();
    sendHelpForms(document.body, refresh);
    submit("lower");
    await vi.waitFor(() => {
        expect(document.getElementById("help-trouble")?.textContent).toBe(words);
    });
    expect(refresh).not.toHaveBeenCalled();
});
