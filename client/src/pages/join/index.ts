// Joining, leaving and what is in the way: words and one button, no script.
import "./join.css";
