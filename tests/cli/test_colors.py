def test_words_narrow_the_search(run):
    found = run("colors", "sea", "green").out
    assert "darkseagreen" in found
    assert "seashell" not in found


def test_the_nearest_colour_comes_first(run):
    rows = run("colors", "--near", "#8FBC8E", "--count", "3").out.strip().splitlines()
    assert "darkseagreen" in rows[1]
    assert len(rows) == 4


def test_a_catalogue_is_searched_too(run, tmp_path):
    (tmp_path / "paints.csv").write_text("name,hex\nLoft Sage,#7A9E7E\n")
    assert "#7a9e7e" in run("colors", "sage", "--catalog", tmp_path / "paints.csv").out


def test_an_unknown_name_says_what_else_to_try(run):
    finished = run("colors", "nosuchcolour")
    assert finished.code == 2
    assert "--near" in finished.err
