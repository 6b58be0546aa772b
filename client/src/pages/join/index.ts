// Joining, leaving and what is in the way: words and one button. Whoever is in raises a hand and answers without a reload.
import "./join.css";

import { Classroom } from "./classroom";

const root = document.getElementById("classroom");
if (root) {
    new Classroom(root).open();
}
