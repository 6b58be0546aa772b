// What the service is.
import "./about.css";
