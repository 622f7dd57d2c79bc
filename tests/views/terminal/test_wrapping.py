from neural_sculpting.views.terminal.hierarchies import wrapped


def test_lines_break_between_words_and_are_indented():
    assert wrapped(["one two three", "four"], 8) == ["one two", "  three", "four"]


def test_a_setting_stays_whole_where_it_is_longer_than_a_line():
    line = "try fewer, 'task.inputs=[petal length,petal-width]' or 'seed=range(12)'."
    assert wrapped([line], 20, indent=3) == [
        "try fewer,",
        "   'task.inputs=[petal length,petal-width]'",
        "   or",
        "   'seed=range(12)'.",
    ]


def test_a_long_name_is_not_divided():
    assert wrapped(["kept: compressive_strength (12)"], 12, indent=1) == ["kept:", " compressive_strength", " (12)"]
