import "./board.css";
import { createBoard } from "./board_widget";

/** anywidget calls this once for each model. */
export default () => createBoard();
