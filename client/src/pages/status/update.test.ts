import { beforeEach, describe, expect, it } from "vitest";

import { prepare, update } from "./update";

const fragment = (html: string) => document.createRange().createContextualFragment(html);
const person = (name: string) => `<span class="tiaas-person" data-person="${name}"><span>${name}</span></span>`;
const tile = (name: string, text: string) => `<li class="tiaas-tile" id="tile-${name}">${person(name)} ${text}</li>`;

describe("an update", () => {
    const live = document.createElement("div");
    const show = (html: string) => {
        const fresh = fragment(html);
        prepare(fresh, "brave-otter");
        update(live, fresh);
    };
    beforeEach(() => {
        live.replaceChildren();
        document.body.replaceChildren(live);
    });

    it("keeps the elements that are there, in whatever order they come", () => {
        show(`<ul id="tiles">${tile("calm-cat", "1")}${tile("fair-fox", "1")}</ul>`);
        const [cat, fox] = live.querySelectorAll("li");
        show(`<ul id="tiles">${tile("fair-fox", "2")}${tile("new-newt", "1")}${tile("calm-cat", "1")}</ul>`);
        const tiles = [...live.querySelectorAll("li")];
        expect([tiles[0] === fox, tiles[2] === cat]).toEqual([true, true]);
        expect(fox?.textContent).toBe("fair-fox 2");
    });

    it("keeps what the reader has opened and closed", () => {
        show('<details id="jobs" open><summary>Jobs</summary></details><details id="runs"></details>');
        live.querySelector("#jobs")?.removeAttribute("open");
        live.querySelector("#runs")?.setAttribute("open", "");
        show('<details id="jobs" open><summary>Newer jobs</summary></details><details id="runs"></details>');
        expect([...live.querySelectorAll("details")].map(({ open }) => open)).toEqual([false, true]);
        expect(live.textContent).toBe("Newer jobs");
    });

    it("keeps what the reader is typing and has chosen, and only that", () => {
        const form = (token: string, text: string) =>
            `<form id="ask"><input type="hidden" name="token" value="${token}">
            <select id="about"><option value="">everything</option><option value="1">step 1</option></select>
            <input id="text"><button>${text}</button></form>`;
        show(form("a", "Ask"));
        const [about, text] = [live.querySelector("select"), live.querySelector<HTMLInputElement>("#text")];
        if (about && text) {
            about.value = "1";
            text.value = "Are you do";
        }
        show(form("b", "Ask!"));
        expect([about?.value, text?.value]).toEqual(["1", "Are you do"]);
        expect(live.querySelector<HTMLInputElement>("[type=hidden]")?.value).toBe("b");
        expect(live.querySelector("button")?.textContent).toBe("Ask!");
    });

    it("keeps the focus", () => {
        show('<a id="one" href="#">one</a>');
        document.getElementById("one")?.focus();
        show('<p>first</p><a id="one" href="#">uno</a>');
        expect(document.activeElement?.textContent).toBe("uno");
    });

    it("leaves alone what a script has drawn", () => {
        show('<figure id="chart" data-morph="keep"></figure>');
        live.querySelector("figure")?.append(document.createElement("svg"));
        show('<p>other</p><figure id="chart" data-morph="keep"></figure>');
        expect(live.querySelector("figure svg")).not.toBeNull();
    });

    it("marks the reader, once, and nobody else", () => {
        const tiles = `<ul id="tiles">${tile("calm-cat", "1")}${tile("brave-otter", "1")}</ul>`;
        show(tiles);
        show(tiles);
        expect([...live.querySelectorAll(".tiaas-is-you")].map((you) => you.closest("li")?.id)).toEqual([
            "tile-brave-otter",
        ]);
        expect(live.querySelectorAll(".tiaas-tile-mine")).toHaveLength(1);
    });

    it("shows times as the reader's clock does", () => {
        show('<time datetime="2026-11-17T12:00:00Z" data-style="medium">17 Nov 2026, 12:00 UTC</time>');
        expect(live.querySelector("time")?.textContent).toContain("1");
        expect(live.querySelector("time")?.title).toBe("2026-11-17 12:00:00 UTC");
        expect(live.querySelector("time")?.textContent).not.toContain("UTC");
    });
});
