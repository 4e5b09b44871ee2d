from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wallpaint.train.config.yaml_tree import changed, nested

KEYS = st.text(alphabet="abc", min_size=1, max_size=2)
TREES = st.recursive(st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=8).filter(
    lambda tree: isinstance(tree, dict)
)


@given(TREES)
def test_nothing_changes_nothing_and_a_tree_changes_nothing_into_itself(tree):
    assert changed(tree, {}) == tree == changed({}, tree) == changed(tree, tree)


@given(TREES, TREES)
def test_a_change_made_twice_is_made_once(tree, by):
    assert changed(changed(tree, by), by) == changed(tree, by)


@given(TREES, st.lists(KEYS, min_size=1, max_size=3), st.integers())
def test_only_the_key_that_is_set_changes(tree, path, value):
    result = changed(tree, nested(".".join(path), value))
    place = result
    for part in path:
        place = place[part]
    assert place == value
    assert {key: tree[key] for key in tree if key != path[0]} == {key: result[key] for key in result if key != path[0]}


def test_the_tree_that_is_changed_is_left_as_it_was():
    tree = {"data": {"size": 64}}
    changed(tree, {"data": {"size": 128}})
    assert tree == {"data": {"size": 64}}
