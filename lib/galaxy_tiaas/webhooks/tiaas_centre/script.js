/* Opens our pages in Galaxy's centre panel, with an address there: "/?tiaas=<path>". Reload, Back,
   Forward and a copied address then lead to the page, which Galaxy's own panel does not remember. */

(() => {
    const galaxy = window.Galaxy;
    const router = galaxy && galaxy.router;
    if (!router || !router.onReady) {
        return; // the router of Vue 3, or none: the links work as links
    }

    const LINKS = "#tiaas_masthead a, #admin-link-trainings";
    const PAGES = /^(tiaas\/|join-training\/[^/?]+\/(status|dashboard)\b)/;
    /* Galaxy.root leaves out galaxy_url_prefix; Galaxy's own client reads this link. */
    const root = new URL(document.querySelector("link[rel=index]").href).pathname.replace(/\/?$/, "/");

    /* What follows Galaxy's root in the address of one of our pages; null for any other address. */
    function pathOf(address) {
        try {
            const { origin, pathname, search } = new URL(address, window.location.origin + root);
            const path = pathname.startsWith(root) ? pathname.slice(root.length) + search : "";
            return origin === window.location.origin && PAGES.test(path) ? path : null;
        } catch {
            return null;
        }
    }

    function pathOfRoute({ path, query }) {
        return path === "/" && typeof query.tiaas === "string" ? pathOf(query.tiaas) : null;
    }

    function pathOfFrame(frame) {
        try {
            return pathOf(frame.contentWindow.location.href);
        } catch {
            return null; // somebody else's page
        }
    }

    function routeOf(path) {
        return { path: "/", query: { tiaas: path } };
    }

    function open(path) {
        if (pathOfRoute(router.currentRoute) === path) {
            load(path);
        } else {
            router.push(routeOf(path));
        }
    }

    /* Galaxy shows the frame when it has loaded. A replaced location adds nothing to the history: the
       route is the one entry. */
    async function load(path) {
        const frame = await whenPresent("galaxy_main");
        if (pathOfRoute(router.currentRoute) === path) {
            frame.onload = () => followFrame(frame);
            frame.contentWindow.location.replace(root + path);
        }
    }

    function followFrame(frame) {
        const path = pathOfFrame(frame);
        const current = pathOfRoute(router.currentRoute);
        if (path && !current) {
            hideCentre(); // the user has gone elsewhere while the page was loading
        } else if (path && path !== current) {
            router.replace(routeOf(path));
        }
    }

    function followRoute(to, from) {
        const path = pathOfRoute(to);
        if (path) {
            const frame = document.getElementById("galaxy_main");
            if (!frame || frame.offsetParent === null || pathOfFrame(frame) !== path) {
                load(path);
            }
        } else if (pathOfRoute(from)) {
            hideCentre();
        }
    }

    /* Galaxy says this to itself before a push; after Back and Forward nobody says it. */
    function hideCentre() {
        router.app.$emit("router-push");
    }

    function whenPresent(id) {
        return new Promise((resolve) => {
            const look = (_, observer) => {
                const element = document.getElementById(id);
                if (element) {
                    observer.disconnect();
                    resolve(element);
                }
            };
            const observer = new MutationObserver(look);
            observer.observe(document.body, { childList: true, subtree: true });
            look(null, observer);
        });
    }

    /* In the capture phase, because Galaxy's masthead takes every click for itself, ctrl+click too. */
    document.addEventListener(
        "click",
        (event) => {
            const link = event.target.closest(LINKS);
            const path = link && pathOf(link.href);
            if (path) {
                event.stopPropagation();
                if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
                    event.preventDefault();
                    open(path);
                }
            }
        },
        true,
    );

    router.onReady(() => {
        followRoute(router.currentRoute, router.currentRoute);
        router.afterEach(followRoute);
    });
})();
