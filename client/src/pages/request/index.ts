import TomSelect from "tom-select/base";
import "tom-select/dist/css/tom-select.default.css";
new TomSelect("#x", {});
