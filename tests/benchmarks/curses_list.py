"""A list on curses: what a program without any framework has to pay."""

import curses


def main(screen: curses.window) -> None:
    rows, cursor = [f"Acme {number:04}         Monitoring" for number in range(1000)], 0
    while True:
        screen.erase()
        height = screen.getmaxyx()[0] - 1
        top = max(0, cursor - height + 1)
        for y, row in enumerate(rows[top : top + height]):
            screen.addstr(y, 0, row, curses.A_REVERSE if top + y == cursor else curses.A_NORMAL)
        screen.addstr(height, 0, "curses ready")
        key = screen.getch()
        if key == ord("q"):
            return
        cursor += (key == curses.KEY_DOWN) - (key == curses.KEY_UP)


curses.wrapper(main)
