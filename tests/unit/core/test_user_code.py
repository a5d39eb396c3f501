"""Code of the user's own that is run in one process with other such code."""

import sys

from basewise.core.user_code import load_code


def test_of_two_files_with_one_name_the_classes_of_the_last_count():
    for code in (b"width = 1", b"width = 2", b"width = 1"):
        module = load_code(code, "some.zip/code/my_net.py")
        assert sys.modules["own_my_net"] is module
        assert load_code(code, "some.zip/code/my_net.py") is module
    assert sys.modules.pop("own_my_net").width == 1
