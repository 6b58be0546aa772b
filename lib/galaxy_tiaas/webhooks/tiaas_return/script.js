/* Registration and some single sign-ons forget where the visitor was going. The page that sent the
   visitor to log in has left the way in a short-lived cookie; Galaxy's next page offers to go on. */

(() => {
    const galaxy = window.Galaxy;
    const found = /(?:^|;\s*)tiaas_return=([^;]+)/.exec(document.cookie);
    if (!found || !galaxy || !galaxy.user || !galaxy.user.id) {
        return;
    }

    /* Galaxy.root leaves out galaxy_url_prefix; Galaxy's own client reads this link. */
    const root = new URL(document.querySelector("link[rel=index]").href).pathname.replace(/\/?$/, "/");
    const target = targetOf(found[1]);
    if (target) {
        offer(target, target.pathname.slice(root.length));
    } else {
        forget();
    }

    function targetOf(text) {
        try {
            const address = new URL(decodeURIComponent(text), window.location.origin);
            const ours = ["tiaas/", "join-training/"].some((path) => address.pathname.startsWith(root + path));
            return ours && address.origin === window.location.origin ? address : null;
        } catch {
            return null;
        }
    }

    function forget() {
        document.cookie = `tiaas_return=; path=${root.replace(/\/$/, "") || "/"}; max-age=0`;
    }

    /* What the visitor wanted, and what the button says. */
    function wordsFor(path) {
        const joining = /^join-training\/([^/]+)\/?$/.exec(path);
        if (joining) {
            return [`You were about to join the training “${decodeURIComponent(joining[1])}”.`, "Finish joining"];
        }
        const places = [
            [/^join-training\/[^/]+\/(status|dashboard)/, "the dashboard of a training"],
            [/^tiaas\/new/, "the request for a training"],
            [/^tiaas\/trainings\/?$/, "your trainings"],
            [/^tiaas\/admin/, "the requests for trainings"],
        ];
        const place = places.find(([pattern]) => pattern.test(path));
        return [`You were on the way to ${place ? place[1] : "a page about a training"}.`, "Continue"];
    }

    function offer(address, path) {
        const [sentence, action] = wordsFor(path);
        const box = element("div", "card shadow");
        box.id = "tiaas-return";
        box.setAttribute("role", "dialog");
        box.setAttribute("aria-labelledby", "tiaas-return-text");
        const text = element("p", "mb-3", sentence);
        text.id = "tiaas-return-text";
        const accept = element("a", "btn btn-primary btn-lg", action);
        accept.href = address.href;
        accept.setAttribute("role", "button");
        const decline = element("button", "btn btn-outline-primary btn-lg", "Not now");
        decline.type = "button";

        const icon = element("span", "fa fas fa-graduation-cap fa-2x mb-2");
        icon.setAttribute("aria-hidden", "true");
        const buttons = element("div", "tiaas-return-buttons");
        buttons.append(accept, decline);
        const body = element("div", "card-body text-center");
        body.append(icon, text, buttons);
        box.append(body);

        const close = () => {
            forget();
            box.remove();
        };
        accept.addEventListener("click", forget);
        decline.addEventListener("click", close);
        box.addEventListener("keydown", (event) => {
            if (event.key === "Escape") {
                close();
            }
        });
        document.body.append(box);
        accept.focus();
    }

    function element(name, classes, text = "") {
        const made = document.createElement(name);
        made.className = classes;
        made.textContent = text;
        return made;
    }
})();
