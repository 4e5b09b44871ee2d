"""Public models: which are known, where they lie on this machine, download and checksums.

Read `catalog`, `repo` and `repo_files` (what is wanted of a repository), `download` with `progress`, `checksums` and
`errors`, then `resolve_path` (a name or path to files on this machine).
"""
