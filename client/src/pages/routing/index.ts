// Where jobs go: nothing but its look.
import "./routing.css";
