// Every page loads this; every page works without it.
import "./base.css";

import { showLocalTimes } from "../../times";

if (window.top !== window) {
    document.documentElement.classList.add("tiaas-framed"); // where the browser does not tell the server
}

showLocalTimes(document);
