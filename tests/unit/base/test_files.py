"""Files are written whole, also while somebody reads them."""

from threading import Timer

from widgets.base.files import write_atomic


def test_a_file_that_is_being_read_is_replaced(tmp_path):
    file = tmp_path / "é" / "clock.json"
    write_atomic(file, "old")
    reader = file.open(encoding="utf-8")  # on Windows the name is taken until this is closed
    timer = Timer(0.3, reader.close)
    timer.start()
    try:
        write_atomic(file, "new")
    finally:
        timer.join()
    assert file.read_text(encoding="utf-8") == "new"
    assert list(file.parent.iterdir()) == [file]
